import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import type { Page } from '@playwright/test'

// Somebody opens a small restaurant: three permits, asked about once, sent once, and then
// three cases on one page.
test('several permits are applied for in one go @noscript @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(200_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const person = await signedIn(browser, options, lang, 'citizen')
  await person.goto('/permits')
  await expectSound(person, lang)
  await person.locator('a[href="/permits/together/open-restaurant"]').click()
  await person.locator('main form button').click()
  await expect(person.locator('.govuk-error-summary')).toBeVisible() // yes or no
  await expectSound(person, lang)
  for (const answer of ['n', 'y', 'n', 'y']) { // not only packed; a lit sign; small; a public sewer
    await person.locator(`input[name=next][value=${answer}]`).check()
    await person.locator('main form button').click()
  }
  await expect(person.locator('a[href="/permits/fire-check"]')).toHaveCount(0) // it is said why not
  await expectSound(person, lang)
  await person.locator('form[action^="/enterprise/together/"] button').click()

  await expect(person).toHaveURL(/\/questions$/)
  await expect(person.locator('input[name="answers.address"]')).toHaveCount(1)
  await next(person)
  await expect(person.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(person, lang)
  const fill = (name: string, value: string) => person.locator(`input[name="answers.${name}"]`).fill(value)
  const choose = (name: string, value: string) => person.locator(`input[name="answers.${name}"][value=${value}]`).check()
  await fill('address', '湖濱路 12 號')
  await fill('food_business__shop_name', '湖濱小吃')
  await choose('food_business__form', 'restaurant')
  await fill('food_business__area', '40')
  await fill('food_business__staff', '3')
  await choose('drainage__source', 'food')
  await fill('drainage__daily', '2')
  await choose('outdoor_sign__lit', 'false')
  await fill('outdoor_sign__area', '3')
  await choose('outdoor_sign__roof', 'false')
  await choose('outdoor_sign__own_building', 'true')
  await next(person)
  await choose('food_business__cooking', 'false') // asked because it is a restaurant
  await choose('food_business__cold_dishes', 'false')
  await next(person)

  await expect(person).toHaveURL(/\/materials$/)
  await expectSound(person, lang)
  const address = person.url().replace(/\/materials$/, '')
  await person.goto(`${address}/check`)
  await person.locator('input[name=agrees]').check()
  await person.locator('form:has(input[name=agrees]) button[type=submit]').click()
  await expect(person.locator('.govuk-error-summary')).toBeVisible() // papers are missing: none is sent
  await expectSound(person, lang)
  await person.goto(`${address}/materials`)
  await upload(person, 'food_business__premises')
  for (const key of ['food_business__layout', 'food_business__health-certificates', 'drainage__plan', 'drainage__grease', 'outdoor_sign__drawing', 'outdoor_sign__photo']) {
    const form = person.locator(`form:has(input[type=file][name="material.${key}"])`) // the others as their forms send them
    const value = (name: string) => form.locator(`input[name=${name}]`).inputValue()
    const sent = await person.request.post(`${address}/materials`, { maxRedirects: 0, multipart: { code: await value('code'), part: await value('part'), do: 'attach', [`material.${key}`]: paper(key) } })
    expect(sent.status()).toBe(303)
  }
  await person.goto(`${address}/check`)
  await person.locator('input[name=agrees]').check()
  await person.locator('form:has(input[name=agrees]) button[type=submit]').click()

  await expect(person).toHaveURL(address)
  await expect(person.locator('main section dd.mq-code')).toHaveCount(3)
  await expectSound(person, lang)
  const sign = person.locator('main section', { has: person.locator('a[href^="/enterprise/applications/"]') }).last()
  const no = (await sign.locator('dd.mq-code').textContent())!.trim()

  const handler = await signedIn(browser, options, lang, 'permits')
  await handler.goto(`/desk/cases/${no}`)
  await expect(handler.locator('#bundle')).toBeVisible()
  await expectSound(handler, lang)
  await handler.goto(`/desk/cases/${no}/permit`)
  await expect(handler.locator('#bundle')).toBeVisible()
  await expectSound(handler, lang)
  const above = await signedIn(browser, options, lang, 'supervisor')
  await above.goto(`/desk/cases/${no}`)
  await expect(above.locator('section[aria-labelledby=bundle] li')).toHaveCount(3) // who may read them all
})

const next = (page: Page) => page.locator('form:has(input[name=asked]) button[type=submit]').first().click()

const paper = (key: string) => ({ name: `${key}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%paper\n%%EOF\n') })

async function upload(page: Page, key: string) {
  const form = page.locator(`form:has(input[type=file][name="material.${key}"])`)
  await form.locator('input[type=file]').setInputFiles(paper(key))
  await form.locator('button[value=attach]').click()
  await expect(page.getByText(`${key}.pdf`).first()).toBeVisible()
}
