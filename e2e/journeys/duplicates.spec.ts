import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// An officer reads of a record why somebody may be the same, merges the two with a
// choice for each field, sees the record that stands for both, and takes it back.
test('two records are merged and stand for themselves again @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'outreach')
  const press = (value: string) => page.locator(`main button[value="${value}"]`).first().press('Enter')
  await page.goto('/people/duplicates')
  await expect(page.locator('a[href^="/people/duplicates/pair/"]').nth(2)).toBeVisible()
  await expectSound(page, lang)
  await page.locator('a[href^="/people/duplicates/pair/"]').nth(2).press('Enter')

  // From one of the two: the record, and who may be the same.
  await page.locator('main h2 a[href^="/people/"]').last().press('Enter')
  await expect(page).toHaveURL(/\/people\/[0-9a-f-]{36}$/)
  const second = new URL(page.url()).pathname
  await expectSound(page, lang)
  await page.locator('a[href^="/people/duplicates/of/"]').press('Enter')
  await expect(page.locator('main .mq-chip--done').first()).toBeVisible()
  await expectSound(page, lang)
  const of = page.url()

  // Another record is found by a number only.
  await page.locator('form[action^="/people/duplicates/of/"] button').press('Enter')
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(page, lang)
  await page.locator('[name=q]').fill('13900000000')
  await page.locator('form[action^="/people/duplicates/of/"] button').press('Enter')
  await expect(page.locator('main .mq-empty')).toBeVisible()
  await expect(page.locator('[name=q]')).toHaveValue('13900000000')
  await expectSound(page, lang)

  // Why, and the decision. Without a reason nothing happens and nothing is lost.
  await page.goto(of)
  await page.locator('a[href^="/people/duplicates/pair/"]').first().press('Enter')
  await expect(page.locator('#rules')).toBeVisible()
  await expectSound(page, lang)
  const names = await page.locator('main form input[type=radio]').evaluateAll((all) => [...new Set(all.map((one) => (one as HTMLInputElement).name))])
  expect(names.length, 'a choice for each field in which they differ').toBeGreaterThan(1)
  await page.locator('[name=survivor][value=a]').check()
  for (const name of names.slice(1)) await page.locator(`[name=${name}][value=b]`).check()
  await press('merge')
  await expect(page.locator('.govuk-error-summary')).toBeVisible()
  for (const name of names.slice(1)) await expect(page.locator(`[name=${name}][value=b]`)).toBeChecked()
  await expectSound(page, lang)
  await page.locator('[name=reason]').fill('本人來電確認，兩份資料同屬一人。')
  await press('merge')
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await expectSound(page, lang)

  // One record stands for both.
  await page.goto(second)
  await expect(page).not.toHaveURL(new RegExp(second))
  await expect(page.locator('a[href*="/people/duplicates/done?person="]')).toBeVisible()
  await expectSound(page, lang)
  await page.locator('a[href*="/people/duplicates/done?person="]').press('Enter')
  await expect(page.locator('main')).toContainText('兩份資料同屬一人')
  await expectSound(page, lang)

  // Taken back, both are there again, and remembered as not the same.
  await page.locator('main details summary').first().click()
  await page.locator('main details [name=reason]').first().fill('另有其人，查證後為家人。')
  await page.locator('main details button').first().press('Enter')
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await page.goto(second)
  await expect(page).toHaveURL(new RegExp(second))
  await expectSound(page, lang)
  await page.goto('/people/duplicates/apart')
  await expect(page.locator('main')).toContainText('查證後為家人')
  await expectSound(page, lang)
})
