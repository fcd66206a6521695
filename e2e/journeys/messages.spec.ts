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
    await page.locator('form[action="/me/notifications"] button[type=submit]').click()
    await expect(page.locator('.mq-notice--done')).toBeVisible()
    await expect(wish).toHaveValue('never')
    await wish.selectOption('now')
    await page.waitForTimeout(1100) // the button takes two clicks within a second for one
    await page.locator('form[action="/me/notifications"] button[type=submit]').click()
    await expect(wish).toHaveValue('now')
  })
}
