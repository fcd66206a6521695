// A person's rights, and what it takes to be shown somebody in the clear.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { createAccount, erasePerson, freePort, serve, type Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'

let folder: string
let portal: Server
const password = 'four unlikely lamps sing'
const address = (project: string) => `zhou.${project.toLowerCase().replace(/[^a-z0-9]+/g, '-')}@home.test`

const leaver = (project: string) => address(project).replace('zhou', 'wu')
const next = 'main form .govuk-button[type=submit]:not(.govuk-button--secondary)'

test.beforeAll(async ({}, info) => {
  folder = await mkdtemp(join(tmpdir(), 'minqing-rights-'))
  await cp(process.env.TEST_BROWSER_TEMPLATE!, folder, { recursive: true })
  await createAccount(folder, address(info.project.name), password, 'citizen')
  await createAccount(folder, leaver(info.project.name), password, 'citizen')
  portal = await serve(folder, '', { port: await freePort() })
})

test.afterAll(async () => {
  await portal?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('somebody reads their data, asks to be erased, and takes it back @noscript', async ({ page, lang }, info) => {
  await page.goto(`${portal.url}/sign-in?lang=${lang}`)
  await page.locator('input[name=email]').fill(address(info.project.name))
  await page.locator('input[name=password]').fill(password)
  await page.locator('form[action="/sign-in"] button[type=submit]').click()
  await page.goto(`${portal.url}/me/privacy`)
  await expectSound(page, lang)
  await page.locator('input[name=password]').fill(password)
  await page.locator('button[value=read]').click()
  await expect(page.locator('main')).toContainText(address(info.project.name))
  await expectSound(page, lang)

  await page.goto(`${portal.url}/me/privacy/erase`)
  await expectSound(page, lang)
  const send = page.locator('form[action="/me/privacy/erase"] button[type=submit]').last()
  await page.locator('input[name=typed]').fill('yes')
  await page.locator('input[name=password]').fill(password)
  await send.click()
  await expect(page.locator('.govuk-error-summary')).toContainText(word(lang, 'privacy.erase.typed').slice(0, 4))
  await expectSound(page, lang)
  await page.locator('input[name=typed]').fill({ 'zh-Hant': '刪除我的資料', 'zh-Hans': '删除我的信息', en: 'erase my data' }[lang])
  await page.locator('input[name=password]').fill(password)
  await page.waitForTimeout(1100) // the button takes two clicks within a second for one
  await send.click()
  await expect(page).toHaveURL(`${portal.url}/me/privacy`)
  await expectSound(page, lang)
  await page.locator('button[value=cancel]').click()
  await expect(page.locator('button[value=cancel]')).toHaveCount(0)
})

// The seven days of a wish are not waited for here: the operator has it on paper
// too, which is carried out at once, by the same rules.
test('somebody is erased, and the file of their case stays @noscript', async ({ page, browser, contextOptions, viewport, locale, lang, javaScriptEnabled }, info) => {
  test.setTimeout(120_000)
  const signIn = async () => {
    await page.goto(`${portal.url}/sign-in?lang=${lang}`)
    await page.locator('input[name=email]').fill(leaver(info.project.name))
    await page.locator('input[name=password]').fill(password)
    await page.locator('form[action="/sign-in"] button[type=submit]').click()
  }
  await signIn()
  await page.goto(`${portal.url}/file/street-light/what`)
  await page.locator('input[name=title]').fill('湖濱路 12 號前路燈不亮')
  await page.locator('textarea[name=description]').fill('兩盞路燈不亮。')
  await page.locator(next).click()
  await page.locator(next).click()
  await page.locator('input[name="location.address"]').fill('湖濱路 12 號前')
  await page.locator(next).click()
  await page.locator(next).click()
  await page.locator(next).click()
  const caseNo = await page.locator('#case-no').innerText()
  const code = await page.locator('#query-code').innerText()

  await page.goto(`${portal.url}/me/privacy/erase`)
  await expect(page.locator('main'), 'an open case stands in the way').toContainText(caseNo)
  await expect(page.locator('input[name=typed]')).toHaveCount(0)
  await expectSound(page, lang)
  await page.goto(`${portal.url}/cases/${caseNo}`)
  await page.locator('details:has(button[value=withdraw]) summary').click()
  await page.locator('button[value=withdraw]').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()

  await page.goto(`${portal.url}/me/privacy/erase`)
  await page.locator('input[name=typed]').fill({ 'zh-Hant': '刪除我的資料', 'zh-Hans': '删除我的信息', en: 'erase my data' }[lang])
  await page.locator('input[name=password]').fill(password)
  await page.locator('form[action="/me/privacy/erase"] button[type=submit]').last().click()
  await expect(page).toHaveURL(`${portal.url}/me/privacy`)
  await expect(page.locator('button[value=cancel]')).toBeVisible()
  expect(await erasePerson(folder, leaver(info.project.name), 'letter 2026-118')).toContain('1 files of closed cases are kept')

  await expect(async () => { // the server hears of it within seconds
    await page.goto(`${portal.url}/me/privacy`)
    await expect(page).toHaveURL(/sign-in/)
  }).toPass({ timeout: 20_000 })
  await signIn()
  await expect(page.locator('.govuk-error-summary'), 'nobody signs in with it any more').toBeVisible()
  await page.goto(`${portal.url}/track`)
  await page.locator('input[name=case_no]').fill(caseNo)
  await page.locator('input[name=query_code]').fill(code)
  await page.locator(next).click()
  await expect(page.locator('.govuk-error-summary'), 'no code leads to the file').toBeVisible()
  await expectSound(page, lang)

  const staff = await signedIn(browser, { ...contextOptions, baseURL: portal.url, viewport, locale, javaScriptEnabled }, lang, 'supervisor')
  await staff.goto(`/desk/cases/${caseNo}`)
  await expect(staff.locator('main'), 'what was written stays').toContainText('兩盞路燈不亮。')
  await expect(staff.locator('main')).toContainText(new RegExp(word(lang, 'desk.party.erased_on', { Day: '.+' })))
  await expect(staff.locator('form[action$="/reveal"]'), 'there is nobody to be shown').toHaveCount(0)
  await expectSound(staff, lang)
  await staff.context().close()
})

test('a handler gives a reason before somebody is shown in the clear @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  const handler = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'handler')
  await handler.goto('/desk')
  const cases = await handler.locator('main a[href^="/desk/cases/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')!))
  const form = handler.locator('form[action$="/reveal"]')
  for (const one of cases) {
    await handler.goto(one)
    if (await form.count()) break
  }
  await handler.locator('details').filter({ has: form }).locator('summary').click()
  await form.locator('button').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(handler, lang)
  await form.locator('input[name=reveal_reason]').fill('約時間到場')
  await form.locator('button').click()
  await expect(handler.getByText(word(lang, 'desk.reveal.done'))).toBeVisible()
  await expectSound(handler, lang)
  await handler.context().close()
})
