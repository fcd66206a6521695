// Making a passkey, signing in by it, and taking it away again, with the virtual
// authenticator of Chromium.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectSound } from '../support/page.ts'
import { createAccount, freePort, serve, type Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

let folder: string
let portal: Server
const password = 'four unlikely lamps sing'

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'minqing-passkey-'))
  await cp(process.env.TEST_BROWSER_TEMPLATE!, folder, { recursive: true })
  const port = await freePort()
  const base = `http://localhost:${port}` // passkeys need a name, not an address
  await createAccount(folder, 'chen@city.test', password, 'handler', 'CG03')
  portal = await serve(folder, '', { port, settings: { MINQING_BASE_URL: base } })
  portal.url = base
})

test.afterAll(async () => {
  await portal?.stop()
  await rm(folder, { recursive: true, force: true })
})

// signOut keeps the mark of a browser that the owner has used.
async function signOut(page: Page) {
  await page.locator('form[action="/sign-out"]').first().evaluate((form: HTMLFormElement) => form.requestSubmit())
  await expect(page).toHaveURL(`${portal.url}/`)
}

async function signIn(page: Page, lang: string) {
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.locator('input[name=email]').fill('chen@city.test')
  await page.locator('input[name=password]').fill(password)
  await page.locator('form[action="/sign-in"] button[type=submit]').click()
  await expect(page).toHaveURL(`${portal.url}/desk`)
}

test('a passkey is made, opens the account, and is removed', async ({ page, lang }) => {
  // No expectSound here: its own session would end the authenticator.
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } })
  await signIn(page, lang)
  await page.goto(`${portal.url}/me/security`)
  await page.getByRole('link', { name: word(lang, 'passkey.new.title') }).click()
  const name = `${lang} ${test.info().project.name}`
  await page.locator('input[name=name]').fill(name)
  await page.locator('input[name=current]').fill('wrong')
  await page.getByRole('button', { name: word(lang, 'passkey.new.do') }).click()
  await expect(page.locator('[data-problem]')).toContainText(word(lang, 'identity.password.current_wrong'))
  await page.locator('input[name=current]').fill(password)
  await page.waitForTimeout(1100) // the button takes two clicks within a second for one
  await page.getByRole('button', { name: word(lang, 'passkey.new.do') }).click()
  await expect(page.getByText(word(lang, 'passkey.new.done'))).toBeVisible()

  await signOut(page)
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.locator('input[name=email]').fill('chen@city.test')
  await page.getByRole('button', { name: word(lang, 'passkey.sign_in') }).click()
  await expect(page).toHaveURL(`${portal.url}/desk`)

  await page.context().clearCookies() // where nobody knows whose browser it is, the key itself does
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.getByRole('button', { name: word(lang, 'passkey.sign_in') }).click()
  await expect(page).toHaveURL(`${portal.url}/desk`)

  await page.goto(`${portal.url}/me/security`)
  const row = page.locator('.mq-row').filter({ hasText: name })
  await expect(row).toContainText(word(lang, 'passkey.used', { At: '' }).trim())
  await row.getByRole('button').click()
  await expect(page.getByText(word(lang, 'passkey.removed'))).toBeVisible()
  await expect(page.locator('.mq-row').filter({ hasText: name })).toHaveCount(0)

  await signOut(page)
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.locator('input[name=email]').fill('chen@city.test')
  await page.getByRole('button', { name: word(lang, 'passkey.sign_in') }).click()
  await expect(page.getByText(word(lang, 'identity.passkey.refused'))).toBeVisible()
})

test('the pages about passkeys are sound', async ({ page, lang }) => {
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await expectSound(page, lang)
  await signIn(page, lang)
  for (const path of ['/me/security', '/me/security/passkey']) {
    await page.goto(portal.url + path)
    await expectSound(page, lang)
  }
})

test('only a browser with JavaScript shows the buttons @noscript', async ({ page, lang, javaScriptEnabled }) => {
  const visible = javaScriptEnabled !== false
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await expect(page.getByRole('button', { name: word(lang, 'passkey.sign_in') })).toBeVisible({ visible })
  await signIn(page, lang)
  await page.goto(`${portal.url}/me/security`)
  await expect(page.getByRole('link', { name: word(lang, 'passkey.new.title') })).toBeVisible({ visible })
})
