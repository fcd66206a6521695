import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// An officer writes a campaign and asks for a decision; a second person reads what
// people will get and how many, gives it back, and approves the mended one; it is
// stopped, and its result read.
test('a campaign is written, approved by a second person and stopped @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const writer = await signedIn(browser, options, lang, 'outreach')
  await writer.goto('/people/campaigns')
  await expect(writer.locator('#campaigns'), 'one of the demo waits for approval').toBeVisible()
  await expectSound(writer, lang)
  await writer.locator('a[href="/people/campaigns/new"]').press('Enter')
  await expectSound(writer, lang)
  await writer.locator(`[name="mail.subject.${lang}"]`).fill('停水通知')
  await writer.locator('[name=per_hour]').fill('soon')
  await writer.locator('main form button[type=submit]').last().press('Enter')
  await expect(writer.locator('.govuk-error-summary')).toBeVisible()
  await expect(writer.locator(`[name="mail.subject.${lang}"]`)).toHaveValue('停水通知')
  await expectSound(writer, lang)
  await writer.locator(`[name="name.${lang}"]`).fill('停水通知')
  await writer.locator('[name=per_hour]').fill('60')
  await writer.locator('[name=segment]').selectOption({ index: 1 })
  await writer.locator(`[name="mail.body.${lang}"]`).fill('明日 9 時至 12 時停水。')
  await writer.locator('main form button[type=submit]').last().press('Enter')
  await expect(writer).toHaveURL(/\/people\/campaigns\/[0-9a-f-]{36}$/)
  await expect(writer.locator('#estimate')).toBeVisible()
  await expectSound(writer, lang)
  await writer.locator('button[value=ask]').press('Enter')
  await expect(writer.locator('.mq-notice--done')).toBeVisible()
  await expect(writer.locator('button[value=approve]')).toHaveCount(0)
  const at = new URL(writer.url()).pathname

  const second = await signedIn(browser, options, lang, 'supervisor')
  await second.goto(at)
  await expectSound(second, lang)
  await second.locator('button[value=return]').press('Enter')
  await expect(second.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(second, lang)
  await second.locator('[name=note]').fill('請寫明路段')
  await second.locator('button[value=return]').press('Enter')
  await expect(second.locator('.mq-notice--done')).toBeVisible()
  await writer.goto(at)
  await expect(writer.locator('main')).toContainText('請寫明路段')
  await writer.locator('button[value=ask]').press('Enter')
  await second.goto(at)
  await second.locator('button[value=approve]').press('Enter')
  await expect(second.locator('.mq-notice--done')).toBeVisible()
  await second.locator('#stop summary').press('Enter')
  await second.locator('[name=why]').fill('已恢復供水')
  await second.locator('#stop button').press('Enter')
  await expect(second.locator('main')).toContainText('已恢復供水')
  await expectSound(second, lang)
})
