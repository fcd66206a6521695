// Which messages come by mail, and when.
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

for (const [who, kind] of [['citizen', 'judge_reminder'], ['handler', 'mentioned']]) {
  test(`${who} chooses which messages come by mail @noscript`, async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
    const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, who)
    await page.goto('/me/notifications')
    await expectSound(page, lang)
    const wish = page.locator(`select[name="wish.${kind}"]`)
    await wish.selectOption('never')
    await page.locator('form[action="/me/notifications"] button[type=submit]').first().click()
    await expect(page.locator('.mq-notice--done')).toBeVisible()
    await expect(wish).toHaveValue('never')
    await wish.selectOption('now')
    await page.waitForTimeout(1100) // the button takes two clicks within a second for one
    await page.locator('form[action="/me/notifications"] button[type=submit]').first().click()
    await expect(wish).toHaveValue('now')
    await page.locator('select[name=begins]').selectOption('22:00')
    await page.waitForTimeout(1100)
    await page.locator('button[value=quiet]').click()
    await expect(page.locator('.govuk-error-summary')).toBeVisible()
    await expectSound(page, lang)
    await page.locator('select[name=ends]').selectOption('07:30')
    await page.locator('button[value=quiet]').click()
    await expect(page.locator('.mq-notice--done')).toBeVisible()
    await expect(page.locator('select[name=ends]')).toHaveValue('07:30')
  })
}

test('an administrator changes the words of a message and takes the change back @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }, info) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'admin')
  await page.goto('/admin/messages/texts')
  await expectSound(page, lang)
  await page.locator(`a[href="/admin/messages/texts/reopened/mail/${lang}"]`).click()
  await expectSound(page, lang)
  const body = page.locator('textarea[name=body]')
  const before = await body.inputValue()
  await body.fill(info.project.name)
  await page.locator('button[value=save]').click()
  await expect(page.locator('.govuk-error-summary')).toContainText('{{case_no}}')
  await expect(body).toHaveValue(info.project.name)
  await body.fill(`${before}\n${info.project.name}`)
  await page.locator('button[value=preview]').click()
  await expect(page.locator('main')).toContainText('LJ20260000123N')
  await page.waitForTimeout(1100)
  await page.locator('button[value=save]').click()
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await expectSound(page, lang)
  await page.locator('button[value=builtin]').click()
  await expect(body).toHaveValue(before)
})
