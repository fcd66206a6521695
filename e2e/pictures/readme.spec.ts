import { fileURLToPath } from 'node:url'
import { act, signedIn } from '../support/people.ts'
import { test } from '../support/test.ts'
import type { Page } from '@playwright/test'

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))

// still is when a page is drawn; one that hears of colleagues never falls silent.
async function shoot(page: Page, name: string, still: 'networkidle' | 'load' = 'networkidle') {
  await page.waitForLoadState(still)
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled' })
}

test('what citizens see', async ({ page, browser, contextOptions, baseURL, locale }) => {
  await page.goto('/')
  await shoot(page, 'home')
  const phone = await (await browser.newContext({ ...contextOptions, baseURL, locale, viewport: { width: 390, height: 844 } })).newPage()
  await phone.goto('/file/street-light')
  await shoot(phone, 'file')
})

test('what becomes of a request', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const options = { ...contextOptions, baseURL, viewport, locale }
  const citizen = await signedIn(browser, options, lang, 'citizen')
  const next = citizen.locator('main form .govuk-button[type=submit]:not(.govuk-button--secondary)')
  await citizen.goto('/file/street-light/what')
  await citizen.locator('input[name=title]').fill('學府路小學門口的路燈三天不亮')
  await citizen.locator('textarea[name=description]').fill('校門口兩盞路燈從週三晚上起都不亮，孩子放學要走這條路，請派人修理。')
  await next.click()
  await next.click()
  await citizen.locator('input[name="location.address"]').fill('學府路 12 號')
  for (let left = 3; left > 0; left--) await next.click()
  const caseNo = await citizen.locator('#case-no').innerText()
  const open = async (name: string) => {
    const page = await signedIn(browser, options, lang, name)
    await page.goto(`/desk/cases/${caseNo}`)
    return page
  }
  const dispatcher = await open('dispatcher')
  await act(dispatcher, 'accept')
  await act(dispatcher, 'dispatch')
  const handler = await open('handler')
  await act(handler, 'sign_in')
  await act(handler, 'assign')
  await act(handler, 'request_info', (form) => form.locator('textarea').fill('您好，燈桿上有編號，請告訴我們是哪兩根，今晚就派人去。'))
  await citizen.goto(`/cases/${caseNo}`)
  await citizen.locator('textarea[name=text]').fill('是 0417 和 0418，謝謝。')
  await citizen.locator('button[value=say]').click()
  await citizen.goto(`/cases/${caseNo}`)
  await shoot(citizen, 'own')
})

test('what civil servants and officials see', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const options = { ...contextOptions, baseURL, viewport, locale }
  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto('/desk')
  await shoot(handler, 'inbox')
  await handler.locator('main a[href^="/desk/cases/"]').last().click()
  await shoot(handler, 'case', 'load')
  const official = await signedIn(browser, options, lang, 'official')
  await official.goto('/insight/performance')
  await shoot(official, 'performance')
})
