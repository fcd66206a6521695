import { occupy } from '../support/apply.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// The unit tells of the right to a hearing, the applicant asks for it, and it is
// announced: the clock stands still, and no decision can be drafted.
test('a hearing is offered, asked for and announced @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const person = await signedIn(browser, options, lang, 'citizen')
  const no = await occupy(person, lang)
  const head = await signedIn(browser, options, lang, 'head')
  await head.goto(`/desk/cases/${no}/permit`)
  await head.locator('input[name="verdict.plan"][value=verified]').check()
  await head.locator('button[value=examine]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()

  await head.locator('a[href$="/hearing"]').first().click()
  await head.locator('button[value=tell]').click()
  await expect(head.locator('.govuk-error-summary')).toBeVisible() // what is intended
  await expectSound(head, lang)
  await head.locator('textarea[name=intends]').fill('擬不予許可：會擋住鄰居的出入口。')
  await head.locator('button[value=tell]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()

  await person.reload()
  await expectSound(person, lang)
  await person.locator('form[action$="/hearing"] button').click()
  await expect(person.locator('.mq-notice--done')).toBeVisible()
  await expect(person.locator('form[action$="/hearing"]')).toHaveCount(0)

  await head.reload()
  await expectSound(head, lang)
  await head.locator('input[name=day]').fill(new Date(Date.now() + 86_400_000).toISOString().slice(0, 10))
  await head.locator('button[value=announce]').click()
  await expect(head.locator('#error-day, .govuk-error-message').first()).toBeVisible() // seven working days
  await head.locator('input[name=day]').fill(new Date(Date.now() + 21 * 86_400_000).toISOString().slice(0, 10))
  await head.locator('input[name=time]').fill('09:30')
  await head.locator('input[name=place]').fill('市政大樓 3 樓')
  await head.locator('button[value=announce]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()
  await expectSound(head, lang)
  await person.reload()
  await expectSound(person, lang)
})
