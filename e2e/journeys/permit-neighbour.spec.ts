import { occupy } from '../support/apply.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

// The unit tells a neighbour of an application; they state their case by the link, without
// an account, and then nothing waits for them any more.
test('a neighbour is told of an application and heard @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const person = await signedIn(browser, options, lang, 'citizen')
  const no = await occupy(person, lang)
  const head = await signedIn(browser, options, lang, 'head')
  await head.goto(`/desk/cases/${no}/permit`)
  await head.locator('input[name="verdict.plan"][value=verified]').check()
  await head.locator('button[value=examine]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()
  await expectSound(head, lang)

  await head.locator('a[href$="/third-parties"]').first().click()
  await expectSound(head, lang)
  await head.locator('button[value=tell]').click()
  await expect(head.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(head, lang)
  await head.locator('input[name=kind][value=person]').check()
  await head.locator('input[name=name]').fill('陳大文')
  await head.locator('textarea[name=intends]').fill('在您門前占用人行道一個月。')
  await head.locator('textarea[name=reason]').fill('您的出入口會變窄。')
  await head.locator('button[value=tell]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()
  await expectSound(head, lang)
  const link = new URL((await head.locator('[id^=link-]').textContent())!)

  const neighbour = await (await browser.newContext(options)).newPage()
  await neighbour.goto(`${link.pathname}?lang=${lang}`)
  await expectSound(neighbour, lang)
  await neighbour.locator('form:has(textarea[name=statement]) button[type=submit]').click()
  await expect(neighbour.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(neighbour, lang)
  await neighbour.locator('textarea[name=statement]').fill('輪椅過不去，請留一米五。')
  await neighbour.locator('form:has(textarea[name=statement]) button[type=submit]').click()
  await expect(neighbour.locator('.mq-notice--done')).toBeVisible()
  await expect(neighbour.locator('textarea[name=statement]')).toHaveCount(0)
  await expectSound(neighbour, lang)

  await head.reload()
  await expect(head.getByText('輪椅過不去，請留一米五。')).toBeVisible()
  await expectSound(head, lang)
  await person.reload()
  await expect(person.getByText('輪椅過不去')).toHaveCount(0)
  await expectSound(person, lang)
})
