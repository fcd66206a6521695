import { expectSound } from '../support/page.ts'
import { expect, test } from '../support/test.ts'

// A citizen asks whether a permit is needed, changes an answer, and comes from the
// matter to the permit.
test('the guide says what is needed and why @noscript', async ({ page, lang }) => {
  await page.goto('/permits')
  await expectSound(page, lang)
  await page.locator('a[href="/permits/food-business"]').press('Enter')
  await expectSound(page, lang)
  await page.locator('a[href="/permits/food-business/guide"]').press('Enter')
  const answer = async (value: string) => {
    await page.locator(`[name=next][value=${value}]`).check()
    await page.locator('main button[type=submit]').press('Enter')
  }
  await page.locator('main button[type=submit]').press('Enter')
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(page, lang)
  for (const value of ['y', 'n', 'n', 'y']) await answer(value)
  await expect(page).toHaveURL(/a=ynny$/)
  await expect(page.locator('main a[href="/permits/outdoor-sign"]')).toBeVisible()
  await expectSound(page, lang)
  await page.locator('main a[href$="a=yn"]').press('Enter')
  await answer('y')
  await expect(page).toHaveURL(/a=yny$/)
  await expect(page.locator('main a[href="/permits/outdoor-sign"]')).toHaveCount(0)
  await expectSound(page, lang)
  await page.goto('/file/food-business-permit')
  await expect(page).toHaveURL(/\/permits\/food-business$/)
})
