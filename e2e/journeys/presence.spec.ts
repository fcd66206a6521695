import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// Two of one office open the same case: each sees the other, that something is
// typed, and what was done; what is typed stays.
test('colleagues see who else has a case open', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const options = { ...contextOptions, baseURL, viewport, locale }
  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto('/desk')
  const href = await handler.locator('main a[href^="/desk/cases/"]').first().getAttribute('href')
  const head = await signedIn(browser, options, lang, 'head')
  await head.goto(href!)
  await handler.goto(href!)
  const told = (page: typeof head) => page.locator('[aria-live=polite] .mq-says:visible')
  await expect(told(handler)).toHaveCount(1)
  await expect(told(head)).toHaveCount(1)
  const here = await told(head).textContent()

  await handler.locator('#act-note summary').click()
  await handler.locator('#note-text').pressSequentially('約週四到場')
  await expect(told(head)).not.toHaveText(here!)
  await head.locator('#act-note summary').click()
  const drafted = head.waitForResponse((r) => r.url().endsWith('/drafts') && r.request().method() === 'POST' && r.ok())
  await head.locator('#note-text').fill('我來寫')
  await drafted
  await handler.locator('#act-note button[type=submit]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await expect(head.locator('[aria-live=polite] .mq-says a')).toBeVisible()
  await expect(head.locator('#note-text')).toHaveValue('我來寫')
  await expectSound(head, lang)

  await handler.goto('/desk')
  await expect(head.locator('[aria-live=polite] .mq-says:visible')).toHaveCount(1) // what was done stays to be read
  await head.reload() // the browser was closed, say: what was typed comes back
  await expect(head.locator('#note-text')).toHaveValue('我來寫')
})
