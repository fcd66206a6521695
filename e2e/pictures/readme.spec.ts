import { fileURLToPath } from 'node:url'
import { signedIn } from '../support/people.ts'
import { test } from '../support/test.ts'
import type { Page } from '@playwright/test'

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))

async function shoot(page: Page, name: string) {
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled' })
}

test('what citizens see', async ({ page, browser, contextOptions, baseURL, locale }) => {
  await page.goto('/')
  await shoot(page, 'home')
  const phone = await (await browser.newContext({ ...contextOptions, baseURL, locale, viewport: { width: 390, height: 844 } })).newPage()
  await phone.goto('/file/street-light')
  await shoot(phone, 'file')
})

test('what civil servants and officials see', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const options = { ...contextOptions, baseURL, viewport, locale }
  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto('/desk')
  await shoot(handler, 'inbox')
  await handler.locator('main a[href^="/desk/cases/"]').last().click()
  await shoot(handler, 'case')
  const official = await signedIn(browser, options, lang, 'official')
  await official.goto('/insight/performance')
  await shoot(official, 'performance')
})
