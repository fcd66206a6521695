// Somebody without a computer comes to the counter: a clerk writes the application down
// with them, by keyboard alone, has it signed, and hands over the receipt.
import { attach } from '../support/apply.ts'
import { held } from '../support/permits.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

const paper = '00000019570314002X' // of the citizen of the demo city
const tree = held('tree-felling', 'citizen') // other journeys renew and revoke the rest

// tabTo walks by the Tab key to a field, as somebody without a mouse does.
async function tabTo(page: Page, selector: string) {
  for (let i = 0; i < 60; i++) {
    if (await page.evaluate((one) => document.activeElement?.matches(one), selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the Tab key does not reach ${selector}`)
}

async function type(page: Page, selector: string, words: string) {
  await tabTo(page, selector)
  await page.keyboard.type(words)
}

// choose presses the space bar on a radio or a box.
async function choose(page: Page, selector: string) {
  await page.locator(selector).focus()
  await page.keyboard.press('Space')
  await expect(page.locator(selector)).toBeChecked()
}

async function press(page: Page, selector: string) {
  await tabTo(page, selector)
  await page.keyboard.press('Enter')
}

test('a clerk takes an application at the counter by keyboard, and hands over the receipt @noscript @six', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(180_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'agent')
  await page.goto('/desk/counter')
  await expectSound(page, lang)
  await press(page, 'a[href="/desk/counter/begin/tree-felling"]')
  await expect(page).toHaveURL(/\/begin\/tree-felling$/)
  await expectSound(page, lang)

  const phone = `139${String(10_000_000 + Math.floor(Math.random() * 80_000_000))}`
  await choose(page, 'input[name=kind][value=person]')
  await type(page, '#number', '110105194912310020')
  await type(page, '#phone', phone)
  await page.keyboard.press('Enter') // looks it up
  await expect(page.locator('.govuk-error-summary')).toContainText(word(lang, 'constituents.number.resident_id').slice(0, 8))
  await expect(page.locator('#phone')).toHaveValue(phone)
  await expectSound(page, lang)
  await page.locator('#number').fill('')
  await type(page, '#name', '王小明')
  await press(page, 'button[value=begin]')
  await expect(page).toHaveURL(/\/who$/)
  await expectSound(page, lang)

  const base = page.url().replace(/\/who$/, '')
  await choose(page, 'input[name=by][value=agent]')
  await type(page, '#agent', '李代理')
  await press(page, 'main form:has(input[name=by]) > button')
  await expect(page.locator('.govuk-error-summary a')).toHaveAttribute('href', '#authority')
  await expect(page.locator('#agent')).toHaveValue('李代理')
  await expectSound(page, lang)
  await type(page, '#authority', '2026-03-01')
  await press(page, 'main form:has(input[name=by]) > button')
  await expect(page).toHaveURL(/\/questions$/)
  await expectSound(page, lang)

  await type(page, 'input[name="answers.place"]', '湖濱路 12 號')
  await type(page, 'input[name="answers.count"]', '2')
  for (const answer of ['act"][value=move', 'old"][value=false', 'own"][value=true']) await choose(page, `input[name="answers.${answer}]`)
  await press(page, 'form:has(input[name=asked]) button[type=submit]')
  await expect(page).toHaveURL(/\/materials$/)
  await expectSound(page, lang)
  for (const material of ['photo', 'moving', 'counter_authority']) await attach(page, material)

  // Of one paper they have the original with them: it is taken in, without a scan.
  await press(page, '#item-reason button[name=original][value=taken]')
  await expect(page.locator('#item-reason')).toContainText(word(lang, 'counter.original.taken'))
  await expect(page.locator('#item-reason button[name=original][value=seen]')).toHaveCount(0)
  await expectSound(page, lang)

  await page.goto('/desk/counter')
  await expect(page.locator(`section[aria-labelledby=drafts] a[href="${new URL(base).pathname}"]`)).toBeVisible() // it is kept
  await expectSound(page, lang)
  await page.goto(`${base}/check`)
  await expectSound(page, lang)
  await choose(page, 'input[name=how][value=paper]')
  await choose(page, 'input[name=agrees]')
  await press(page, 'form:has(input[name=agrees]) button[type=submit]')
  await expect(page.locator('.govuk-error-summary a')).toHaveAttribute('href', '#material-counter_statement')
  await expectSound(page, lang)
  expect((await (await page.request.get(`${base}/statement.pdf`)).body()).subarray(0, 5).toString()).toBe('%PDF-')
  await attach(page, 'counter_statement')
  await expect(page).toHaveURL(/\/check(#.*)?$/)
  await choose(page, 'input[name=how][value=paper]')
  await choose(page, 'input[name=agrees]')
  await press(page, 'form:has(input[name=agrees]) button[type=submit]')
  await expect(page).toHaveURL(base)
  await expect(page.locator('#case-no')).toHaveText(/^LJ\d/)
  await expect(page.locator('#query-code')).toHaveText(/-/)
  await expectSound(page, lang)
  const no = (await page.locator('#case-no').textContent())!.trim()
  expect((await (await page.request.get(`${base}/receipt.pdf`)).body()).subarray(0, 5).toString()).toBe('%PDF-')
  await expect(page.locator('#item-reason')).toContainText(word(lang, 'counter.original.taken'))

  // The unit sees who came and how it was signed; the applicant follows it without an account.
  const code = (await page.locator('#query-code').textContent())!.trim()
  const above = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'supervisor')
  await above.goto(`/desk/cases/${no}/permit`)
  await expect(above.getByText(word(lang, 'counter.how.is.paper'))).toBeVisible()
  await expectSound(above, lang)
  await above.context().close()
  const anybody = await (await browser.newContext({ ...contextOptions, baseURL, viewport, locale, javaScriptEnabled })).newPage()
  await anybody.goto(`/track?case_no=${no}`)
  await anybody.locator('input[name=query_code]').fill(code)
  await anybody.locator('form:has(input[name=query_code]) button[type=submit]').click()
  await expect(anybody.locator('main')).toContainText(no)
  await anybody.context().close()
  await page.context().close()
})

test('a clerk changes a permit for its holder, who shows a document @noscript @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(120_000)
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }, lang, 'agent')
  await page.goto('/desk/counter')
  await press(page, 'a[href="/desk/counter/permits"]')
  await expectSound(page, lang)
  await page.keyboard.press('Tab')
  await press(page, 'form[action="/desk/counter/permits"] button[type=submit]')
  await expect(page.locator('.govuk-error-summary a')).toHaveAttribute('href', '#no')
  await expectSound(page, lang)
  await choose(page, 'input[name=kind][value=person]')
  await type(page, '#number', '000000195703140020')
  await page.keyboard.press('Enter')
  await expect(page.locator('.govuk-error-summary a')).toHaveAttribute('href', '#number')
  await page.locator('#number').fill(paper)
  await page.locator('#number').press('Enter')
  await expect(page.locator('section[aria-labelledby=held] .mq-row').first()).toBeVisible()
  await expect(page.locator('main')).not.toContainText('林小滿') // masked
  await expectSound(page, lang)

  await page.goto(`/desk/counter/permits/${tree}`)
  await expectSound(page, lang)
  await choose(page, 'input[name=purpose][value=change]')
  await type(page, '#number', '11010519491231002X') // somebody else's
  await type(page, '#name', '林小滿')
  await page.keyboard.press('Enter')
  await expect(page.locator('.govuk-error-summary a')).toHaveAttribute('href', '#number')
  await expect(page.locator('#name')).toHaveValue('林小滿')
  await expect(page.locator('input[name=purpose][value=change]')).toBeChecked()
  await expectSound(page, lang)
  await page.locator('#number').fill(paper)
  await page.locator('#number').press('Enter')
  await expect(page).toHaveURL(/\/who$/)
  await expectSound(page, lang)
  const draft = page.url()
  await page.goto('/desk/counter')
  await expect(page.locator('section[aria-labelledby=drafts]')).toContainText(tree)
  await expectSound(page, lang)
  await page.goto(`/desk/counter/permits/${tree}`)
  await expect(page.locator(`main a[href="${new URL(draft).pathname}"]`)).toBeVisible()
  await expectSound(page, lang)
  await page.goto(draft)
  await page.locator('details:has(form[action$="/drop"]) summary').click()
  await page.locator('form[action$="/drop"] button').click()
  await expect(page).toHaveURL(/\/desk\/counter$/)
  await page.context().close()
})
