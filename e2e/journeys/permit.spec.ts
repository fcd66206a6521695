import { expectSound } from '../support/page.ts'
import { scan } from '../support/paper.ts'
import { act, signedIn } from '../support/people.ts'
import { expect, test, type Lang } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

const code = 'outdoor-sign'

// Somebody applies for a permit, agrees on the telephone to what the office puts right,
// corrects one document and one answer, another unit says what it thinks, and the
// applicant reads the decision.
test('an application is corrected, accepted and decided @noscript @six', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(240_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const person = await signedIn(browser, options, lang, 'citizen')
  await person.goto(`/enterprise/apply/${code}`)
  await expectSound(person, lang)
  await person.locator(`form[action="/enterprise/apply/${code}"] button`).click()

  await expect(person.locator('input[name="answers.lit"]').first()).toBeVisible()
  await person.locator('form:has(input[name=asked]) button[type=submit]').first().click()
  await expect(person.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(person, lang)
  await person.locator('input[name="answers.lit"][value=false]').check()
  await person.locator('input[name="answers.place"]').fill('湖濱路 12 號')
  await person.locator('input[name="answers.area"]').fill('3')
  await person.locator('input[name="answers.roof"][value=true]').check()
  await person.locator('input[name="answers.own_building"][value=true]').check()
  await person.locator('form:has(input[name=asked]) button[type=submit]').first().click()
  await expect(person).toHaveURL(/\/materials$/)
  const address = person.url().replace(/\/materials$/, '')
  await expectSound(person, lang)
  await upload(person, 'drawing', 'first drawing')
  await upload(person, 'photo', 'photo')
  await upload(person, 'structure', 'calculation')

  await person.goto(`${address}/check`)
  await expectSound(person, lang)
  await person.locator('form:has(input[name=agrees]) button[type=submit]').click()
  await expect(person.locator('.govuk-error-summary')).toBeVisible() // the statement is not agreed to
  await person.locator('input[name=agrees]').check()
  await person.locator('form:has(input[name=agrees]) button[type=submit]').click()
  await expect(person).toHaveURL(address)
  const no = (await person.locator('#case-no').textContent())!.trim()
  await expectSound(person, lang)

  const handler = await signedIn(browser, options, lang, 'permits')
  await handler.goto(`/desk/cases/${no}`)
  await expectSound(handler, lang)
  await handler.goto(`/desk/cases/${no}/permit`)
  await expectSound(handler, lang)
  await onTheSpot(handler, lang)
  await handler.locator('input[name="verdict.photo"][value=verified]').check()
  await handler.locator('input[name="verdict.structure"][value=verified]').check()
  await handler.locator('input[name="verdict.drawing"][value=correct]').check()
  await handler.locator('details:has(textarea[name="why.place"]) summary').click()
  await handler.locator('textarea[name="why.place"]').fill('與門牌不符。')
  await handler.locator('button[value=examine]').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible() // the reason and the day
  await expectSound(handler, lang)
  await handler.locator('textarea[name="reason.drawing"]').fill('沒有標明尺寸。')
  await handler.locator('input[name=due]').fill(ahead(10))
  await handler.locator('button[value=examine]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()

  await person.reload()
  await expect(person.getByText('沒有標明尺寸。').first()).toBeVisible()
  await expectSound(person, lang)
  await upload(person, 'drawing', 'second drawing with its size')
  await person.locator('form[action$="/corrected"] button').click()
  await expect(person.locator('.govuk-error-summary')).toBeVisible() // the answer too
  await expectSound(person, lang)
  await person.locator('main a[href$="/answers"]').click()
  await expect(person.locator('input[name=asked]')).toHaveCount(1) // just this one
  await expectSound(person, lang)
  await person.locator('input[name="answers.place"]').fill('湖濱路 12 號之 1')
  await person.locator('form:has(input[name=asked]) button[type=submit]').last().click()
  await expect(person).toHaveURL(new RegExp(`${new URL(address).pathname}(#.*)?$`))
  await expectSound(person, lang)
  await person.locator('form[action$="/corrected"] button').click()
  await expect(person.locator('.mq-notice--done')).toBeVisible()
  await expectSound(person, lang)

  await handler.goto(`/desk/cases/${no}/permit`)
  await expect(handler.locator('section[aria-labelledby=changes]')).toContainText('湖濱路 12 號之 1') // what it was and is
  await expect(handler.locator('input[name="lies.drawing"]')).toHaveCount(3) // a fault may be old or new
  await expectSound(handler, lang)
  await handler.locator('input[name="verdict.drawing"][value=verified]').check()
  await handler.locator('button[value=examine]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await handler.goto(`/desk/cases/${no}`)
  await act(handler, 'assign')
  await handler.goto(`/desk/cases/${no}/permit`)
  await expectSound(handler, lang)
  await handler.locator('input[name=grants][value=yes]').check()
  await handler.locator('textarea[name=conditions]').fill('晚上十一時後關燈。')
  await handler.locator('button[value=draft]').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible() // the opinion on the roof
  await opinion(handler, await signedIn(browser, options, lang, 'roofs'), no, lang)
  await handler.locator('input[name=grants][value=yes]').check()
  await handler.locator('textarea[name=conditions]').fill('晚上十一時後關燈。')
  await handler.locator('button[value=draft]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()

  await handler.goto('/desk/permits/corrections')
  await expectSound(handler, lang)
  const head = await signedIn(browser, options, lang, 'head')
  await head.goto(`/desk/cases/${no}`)
  await act(head, 'review_reply', (form) => form.locator('input[type=radio]').first().check())
  await handler.goto(`/desk/cases/${no}/permit`)
  await handler.locator('button[value=decide]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await expectSound(handler, lang)

  await person.goto(address)
  await expect(person.getByText('晚上十一時後關燈。').first()).toBeVisible()
  await expectSound(person, lang)
  const issued = (await person.locator('section[aria-labelledby=result] dd').filter({ hasText: /^LJP/ }).textContent())!.trim()
  await pays(person, await signedIn(browser, options, lang, 'supervisor'), lang)

  // The paper of the permit that came of it leads back to how it stands.
  const [shown] = await scan(browser, await (await person.request.get(`/me/permits/${issued}/permit.pdf`)).body())
  await person.goto(shown!)
  await expect(person).toHaveURL(`${baseURL}/verify/${issued}`)
  await expect(person.locator('h1')).toHaveText(word(lang, 'verify.is.valid'))
  await expect(person.getByText('湖濱路 12 號')).toBeVisible()
})

// onTheSpot puts a slip right, with who agreed.
async function onTheSpot(handler: Page, lang: Lang) {
  await handler.locator('main a[href$="/permit/answers"]').click()
  await expectSound(handler, lang)
  await handler.locator('input[name="answers.area"]').fill('4')
  await handler.locator('main form button[type=submit]').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible() // who agreed, and how
  await expectSound(handler, lang)
  await handler.locator('input[name=agreed][value=telephone]').check()
  await handler.locator('input[name=who]').fill('林小滿')
  await handler.locator('main form button[type=submit]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await expectSound(handler, lang)
}

// opinion asks another unit, which answers from its inbox; until then nothing is decided.
async function opinion(handler: Page, asked: Page, no: string, lang: Lang) {
  await handler.locator('textarea[name=task]').fill('請就屋頂結構表示意見。')
  await handler.locator('button[value=opinion]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await expect(handler.locator('button[value=opinion]')).toHaveCount(0)
  await expectSound(handler, lang)
  await handler.locator('input[name=grants][value=yes]').check()
  await handler.locator('button[value=draft]').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible() // it is asked for, and not there
  await asked.goto('/desk?view=joint')
  await asked.locator(`a[href="/desk/cases/${no}"]`).click()
  await expectSound(asked, lang)
  await act(asked, 'joint_answer', (form) => form.locator('textarea').fill('結構無礙。'))
  await handler.goto(`/desk/cases/${no}/permit`)
  await expect(handler.getByText('結構無礙。').first()).toBeVisible()
  await expectSound(handler, lang)
}

// pays pays what the permit costs: first another amount, which a colleague settles,
// then the whole, of which the bank tells twice.
async function pays(person: Page, above: Page, lang: Lang) {
  await person.locator('main a[href^="/me/fees/"]').first().click()
  await expectSound(person, lang)
  const fee = new URL(person.url()).pathname
  const toBank = async () => {
    await person.goto(fee)
    await person.locator('form[action$="/pay"] button').click()
    await expect(person).toHaveURL(/\/pay\//)
    await person.locator('main a[role=button]').click()
    await expect(person).toHaveURL(/\/sandbox\//)
    return person.url()
  }
  await toBank()
  await expectSound(person, lang)
  await person.locator('button[value=less]').click()
  await expect(person).toHaveURL(new RegExp(`${fee}$`))
  await expect(person.locator('form[action$="/pay"]')).toHaveCount(0) // it is looked at first
  await expectSound(person, lang)

  await above.goto('/desk/fees/strays')
  const stray = above.locator('section', { has: above.locator(`a[href$="/${fee.split('/').pop()}"]`) })
  await stray.locator('button').click()
  await expect(above.locator('.govuk-error-summary')).toBeVisible()
  await expectSound(above, lang)
  await stray.locator('textarea').fill('已退回原帳戶。')
  await stray.locator('button').click()
  await expect(above.locator('.mq-notice--done')).toBeVisible()
  await above.goto(fee.replace('/me/fees', '/desk/fees/orders'))
  await expectSound(above, lang)

  await above.goto('/desk/fees/days')
  await expectSound(above, lang)
  await above.locator('input[name=day]').fill(new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date()))
  await above.locator('form[action="/desk/fees/days"] button').first().click()
  await expect(above.locator('#sums tbody tr')).toHaveCount(1) // booked and listed alike
  await expectSound(above, lang)

  const bank = await toBank()
  await person.locator('button[value=pay]').click()
  await person.goto(bank)
  await person.locator('button[value=again]').click() // told twice
  await person.goto(fee)
  await expect(person.locator('main a[href*="/receipt"]')).toHaveCount(1)
  await person.locator('main a[href*="/receipt"]').click()
  await expect(person.locator('#receipt-no')).toHaveText(/^\d{4}-\d{6}$/)
  await expectSound(person, lang)
  const forged = await person.request.post('/fees/told/sandbox', { data: { status: 'paid' } })
  expect(forged.status()).toBe(403)
}

// ahead is a day from today, as a date field wants it.
function ahead(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

async function upload(page: Page, material: string, text: string) {
  const form = page.locator(`form:has(input[type=file][name="material.${material}"])`)
  await form.locator('input[type=file]').setInputFiles({ name: `${material}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n%${text}\n%%EOF\n`) })
  await form.locator('button[value=attach]').click()
  await expect(page.getByText(`${material}.pdf`).first()).toBeVisible()
}
