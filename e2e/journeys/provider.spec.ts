// Signing in at a real OpenID provider and coming back, as citizen and as staff.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectSound } from '../support/page.ts'
import { client, startProvider } from '../support/provider.ts'
import { freePort, serve, type Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

let folder: string
let portal: Server
let provider: Awaited<ReturnType<typeof startProvider>>

const people = {
  lin: { name: '林小姐', email: 'lin@home.test', email_verified: true },
  chen: { name: '陳專員', email: 'chen@city.test', email_verified: true, groups: ['lamps'] },
  none: { name: '無職務', email: 'none@city.test', email_verified: true, groups: ['others'] },
}

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'minqing-provider-'))
  await cp(process.env.TEST_BROWSER_TEMPLATE!, folder, { recursive: true })
  const port = await freePort()
  provider = await startProvider(`http://127.0.0.1:${port}`, people)
  portal = await serve(folder, '', {
    port,
    settings: Object.fromEntries([['PUBLIC', 'City ID'], ['STAFF', 'Intranet']].flatMap(([who, name]) => [
      [`MINQING_OIDC_${who}_ISSUER`, provider.issuer], [`MINQING_OIDC_${who}_CLIENT_ID`, client.id],
      [`MINQING_OIDC_${who}_CLIENT_SECRET`, client.secret], [`MINQING_OIDC_${who}_NAME`, name],
    ]).concat([['MINQING_OIDC_STAFF_ROLES', 'lamps=handler@CG03']])),
  })
})

test.afterAll(async () => {
  await portal?.stop()
  await provider?.stop()
  await rm(folder, { recursive: true, force: true })
})

// enter goes to the provider from the sign-in page, and signs in there.
async function enter(page: Page, lang: string, name: string, login: string) {
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.getByRole('button', { name: word(lang as 'en', 'signin.with', { Name: name }) }).click()
  await page.locator('input[name=login]').fill(login)
  await page.locator('button[value=in]').click()
}

test('a citizen signs in with the city ID and out again @noscript', async ({ page, lang }) => {
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await expectSound(page, lang)
  await enter(page, lang, 'City ID', 'lin')
  await expect(page).toHaveURL(`${portal.url}/`)
  await page.goto(`${portal.url}/me/security`)
  await expect(page.locator('main')).toContainText('City ID')
  await expectSound(page, lang)
  await page.locator('form[action="/sign-out"] button').first().evaluate((button: HTMLButtonElement) => button.form!.requestSubmit(button))
  await page.locator('button[value=yes]').click() // at the provider
  await expect(page).toHaveURL(`${portal.url}/`)
  await page.goto(`${portal.url}/me/security`)
  await expect(page).toHaveURL(/sign-in/)
})

test('staff hold the role of their group', async ({ page, lang }) => {
  await enter(page, lang, 'Intranet', 'chen')
  await expect(page).toHaveURL(`${portal.url}/desk`)
  await expectSound(page, lang)
})

test('who has no role, or does not agree, is told so', async ({ page, lang }) => {
  await enter(page, lang, 'Intranet', 'none')
  await expect(page).toHaveURL(`${portal.url}/sign-in`)
  await expect(page.locator('main, .mq-notice').filter({ hasText: word(lang, 'identity.provider.no_role', { Name: 'Intranet' }) }).first()).toBeVisible()
  await expectSound(page, lang)
  await page.context().clearCookies()
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.getByRole('button', { name: word(lang, 'signin.with', { Name: 'City ID' }) }).click()
  await page.locator('button[value=no]').click()
  await expect(page.getByText(word(lang, 'identity.provider.denied', { Name: 'City ID' }))).toBeVisible()
})

test('the page on the way to the provider is sound', async ({ page, lang }) => {
  await page.route('**/sign-in/with/public', async (route) => { // stay on it
    const response = await route.fetch()
    const { refresh, ...headers } = response.headers()
    expect(refresh).toContain(`0; url=${provider.issuer}/auth?`)
    await route.fulfill({ response, headers })
  })
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.getByRole('button', { name: word(lang, 'signin.with', { Name: 'City ID' }) }).click()
  await expect(page.locator(`main a[href^="${provider.issuer}"]`)).toBeVisible()
  await expectSound(page, lang)
})
