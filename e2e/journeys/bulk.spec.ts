import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// A dispatcher ticks two cases of the list, looks at what will happen, confirms,
// and sees what became of each.
test('many cases get one note @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const desk = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'dispatcher')
  await desk.goto('/desk')
  if (javaScriptEnabled === false) {
    const boxes = desk.locator('.mq-row__pick')
    await boxes.nth(0).check()
    await boxes.nth(1).check()
  } else {
    await expect(desk.locator('.mq-keys button:not([hidden])')).toHaveCount(1) // the script is there
    for (const key of ['j', 'x', 'j', 'x', 'j', 'x', 'x']) await desk.keyboard.press(key)
  }
  await expect(desk.locator('.mq-row__pick:checked')).toHaveCount(2)
  await expectSound(desk, lang)
  await desk.locator('#bulk button').first().press('Enter')
  await expectSound(desk, lang)
  await desk.locator('a[href*="action=note"]').press('Enter')
  await desk.locator('main form button[type=submit]').press('Enter')
  await expect(desk.locator('.govuk-error-summary')).toBeVisible()
  await desk.locator('textarea').fill('已電話確認，併入週報。')
  await expectSound(desk, lang)
  await desk.locator('main form button[type=submit]').press('Enter')
  await expect(desk).toHaveURL(/\/desk\/bulk\/[0-9a-f-]{36}/)
  await expectSound(desk, lang)
  await desk.locator('main form button[type=submit]').press('Enter')
  await expect(desk.locator('.mq-row .mq-chip--done')).toHaveCount(2, { timeout: 30_000 }) // the page asks again by itself
  await expectSound(desk, lang)
})
