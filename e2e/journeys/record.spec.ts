import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// An official finds somebody by the number of a case and reads in one look who they are,
// what is open and promised, what went wrong before, how to reach them, and their story;
// notes that a document proves an address, and says why a benefit is not for them.
test('a record says at once who, what is open, what went wrong and how to reach @noscript @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const citizen = await signedIn(browser, options, lang, 'citizen')
  await citizen.goto('/me/cases')
  const no = (await citizen.locator('main a[href^="/cases/"]').first().getAttribute('href'))!.replace('/cases/', '')

  const page = await signedIn(browser, options, lang, 'supervisor')
  await page.goto('/people')
  await page.locator('[name=q]').fill(no)
  await page.locator('form[action="/people"] button').press('Enter')
  await page.locator('main a[href^="/people/"]').filter({ hasText: '*' }).first().press('Enter')
  await expect(page).toHaveURL(/\/people\/[0-9a-f-]{36}$/)
  const record = page.url()

  // Who, masked; what is open, each with its day; what went wrong; how to reach.
  await expect(page.locator('h1')).toContainText('*')
  await expect(page.locator('section[aria-labelledby=open] a[href^="/desk/cases/"]').first()).toBeVisible()
  await expect(page.locator('section[aria-labelledby=open] time').first()).toBeVisible()
  await expect(page.locator('#pending')).toBeVisible()
  await expect(page.locator('section[aria-labelledby=past]')).toBeVisible()
  await expect(page.locator('section[aria-labelledby=reach] .mq-record__points')).toContainText('*')
  await expectSound(page, lang)

  // The story, a page at a time.
  const story = page.locator('section[aria-labelledby=story]')
  await expect(story.locator('.mq-story__item').nth(2)).toBeVisible()
  if (await story.locator('a[rel=next]').count()) {
    await story.locator('a[rel=next]').press('Enter')
    await expect(page.locator('.mq-story__item').first()).toBeVisible()
    await expectSound(page, lang)
  }

  // How to reach them in the clear needs a reason, and is shown once.
  await page.goto(record)
  await page.locator('section[aria-labelledby=reach] details summary').click()
  await page.locator('[name=reason]').fill('來電核對')
  await page.locator('form[action$="/reveal"] button').press('Enter')
  await expect(page.locator('section[aria-labelledby=reach] [role=status]')).toBeVisible()
  await expect(page.locator('section[aria-labelledby=reach] .mq-record__points strong').first()).not.toContainText('*')
  await expectSound(page, lang)
  await page.goto(record)
  await expect(page.locator('section[aria-labelledby=reach] .mq-record__points strong').first()).toContainText('*')

  // An address is proven by a document that somebody saw.
  await page.goto(record + '/reach')
  await page.locator('[name=point_kind]').selectOption('address')
  await page.locator('[name=point]').fill('中山路 100 號')
  await page.locator('button[value=save]').press('Enter')
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  const seen = await page.locator('button[value=seen]').count()
  expect(seen).toBeGreaterThan(0)
  await page.locator('button[value=seen]').first().press('Enter')
  await expect(page.locator('.mq-notice--done')).toBeVisible()
  await expect(page.locator('button[value=seen]')).toHaveCount(seen - 1)
  await expectSound(page, lang)

  // Why a benefit is not for them.
  await page.goto(record)
  await page.locator(`a[href="${new URL(record).pathname}/benefits"]`).press('Enter')
  await expect(page.locator('#benefits a').first()).toBeVisible()
  await expectSound(page, lang)
  await page.locator('#benefits a').first().press('Enter')
  await expect(page.locator('.mq-rules .mq-chip').first()).toBeVisible()
  await expectSound(page, lang)
})
