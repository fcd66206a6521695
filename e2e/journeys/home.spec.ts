import { expectSound } from '../support/page.ts'
import { expect, test } from '../support/test.ts'

test('the home page is sound @noscript @smoke @three', async ({ page, lang }) => {
  await page.goto('/')
  await expectSound(page, lang)
})

test('the language of a reader is remembered @noscript', async ({ page, lang }) => {
  const other = lang === 'en' ? 'zh-Hans' : 'en'
  await page.goto(`/?lang=${other}`)
  await expect(page.locator('html')).toHaveAttribute('lang', other)
  await page.goto('/')
  await expect(page.locator('html')).toHaveAttribute('lang', other)
})

test('the keyboard skips the navigation', async ({ page }) => {
  await page.goto('/')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()
})
