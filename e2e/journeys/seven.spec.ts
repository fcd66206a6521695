import { readFile } from 'node:fs/promises'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// An official opens 7P, reads how a figure is counted and what it rests on, narrows
// it to a group and a month, and takes the page away as a file.
test('an official reads 7P and takes a page away @noscript @six', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'official')
  await page.goto('/insight/7p')
  await expectSound(page, lang)
  await page.locator('a[href="/insight/7p/profiling"]').last().press('Enter')
  await expect(page.locator('#stat-penetration')).toBeVisible()
  const figure = page.locator('section[aria-labelledby="stat-penetration"]')
  await figure.locator('summary').press('Enter')
  await expect(figure.locator('dt')).toHaveCount(6)
  await expectSound(page, lang)
  await page.locator('[name=group]').selectOption('kind:enterprise')
  await page.locator('.mq-bar button').press('Enter')
  await expect(page).toHaveURL(/group=kind%3Aenterprise/)
  await expect(page.locator('#table-concentration')).toBeVisible()
  await page.locator('a[href^="/insight/7p/value"]').press('Enter')
  await expect(page.locator('#table-net_value')).toBeVisible()
  await expectSound(page, lang)
  const waiting = page.waitForEvent('download')
  await page.locator('a[href^="/insight/7p/value.csv"]').press('Enter')
  const file = await readFile(await (await waiting).path(), 'utf8')
  expect(file).toContain('definition_version')
  expect(file).toContain('kind:enterprise')
  await page.goto('/insight/7p/inputs')
  await expect(page.locator('#population')).toBeVisible()
})
