import { decide, occupy } from '../support/apply.ts'
import { hearingComes } from '../support/days.ts'
import { expectSound } from '../support/page.ts'
import { act, signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import type { Page } from '@playwright/test'

// The unit tells of the right to a hearing, the applicant asks for it, it is announced
// and held, and the decision rests on its record. Until then none can be drafted.
test('a hearing is offered, asked for, held, and the decision rests on it @noscript @three', async ({ browser, server, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(200_000)
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

  await expect(head.locator('button[value=record]')).toHaveCount(0) // it was not held yet
  await head.goto(`/desk/cases/${no}`)
  await act(head, 'assign')
  await head.goto(`/desk/cases/${no}/permit`)
  await refuse(head)
  await head.locator('button[value=draft]').click()
  await expect(head.locator('.govuk-error-summary')).toBeVisible() // the hearing comes first
  await hearingComes(server.folder, no)
  await head.goto(`/desk/cases/${no}/hearing`)
  await head.locator('button[value=record]').click()
  await expect(head.locator('.govuk-error-summary')).toBeVisible() // what was said, and who signed
  await expectSound(head, lang)
  await head.locator('textarea[name=record]').fill('申請人說明鷹架會留出一公尺半；鄰居仍反對。')
  await head.locator('textarea[name=signed]').fill('林小滿\n李主管')
  await head.locator('button[value=record]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()
  await expectSound(head, lang)
  await person.reload()
  await expect(person.getByText('鄰居仍反對').first()).toBeVisible()
  await expectSound(person, lang)

  await decide(head, await signedIn(browser, options, lang, 'supervisor'), no, () => refuse(head))
  await expect(head.locator('section[aria-labelledby=decision] a[href$="/hearing"]')).toBeVisible() // on what it rests
  await expectSound(head, lang)
  await person.reload()
  await expect(person.locator('section[aria-labelledby=result]')).toContainText('會擋住鄰居的出入口。')
  await expectSound(person, lang)
})

// refuse fills the draft of a refusal.
async function refuse(head: Page) {
  await head.locator('input[name=grants][value=no]').check()
  await head.locator('textarea[name=reasons]').fill('會擋住鄰居的出入口。')
  await head.locator('textarea[name=uninspected]').fill('圖上已看得出來。')
}
