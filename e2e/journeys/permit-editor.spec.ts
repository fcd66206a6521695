import { answered, attach, begin, sign } from '../support/apply.ts'
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import type { Locator, Page } from '@playwright/test'

const code = 'tree-felling'
const desk = `/admin/permits/${code}`

// One administrator changes when a paper is wanted and what the permit costs, another
// approves it. Who has applied already stays on the version that they applied under.
test('the next version of a permit type is written, read and approved @noscript', async ({ browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(200_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const person = await signedIn(browser, options, lang, 'citizen')
  await asks(person)
  await expect(paper(person, 'consent')).toHaveCount(0) // the tree is their own
  for (const material of ['photo', 'reason', 'moving']) await attach(person, material)
  await sign(person)
  const sent = new URL(person.url()).pathname

  const writer = await signedIn(browser, options, lang, 'admin')
  await writer.goto(`${desk}/draft`)
  await expectSound(writer, lang)
  await writer.locator(`a[href="${desk}/draft/materials"]`).click()
  await expect(writer.locator('main')).not.toContainText('own is no') // rules are sentences
  await expectSound(writer, lang)
  await writer.locator(`a[href="${desk}/draft/materials/5"]`).click()
  await expect(writer.locator('input[name=code]')).toHaveValue('consent')
  await writer.locator('details:has(select[name="if.question"]) summary').click()
  await writer.locator('select[name="if.question"]').selectOption('act')
  await writer.locator('input[name="if.value"]').fill('moved')
  await writer.locator('select[name="if.join"]').selectOption('or')
  await writer.locator('button[value=rule]').click()
  await expect(writer.locator('input[name=if]')).toHaveValue('own is no or act is moved')
  await writer.locator('button[value=save]').last().click()
  await expect(writer.locator('.govuk-error-summary')).toBeVisible() // no such answer
  await expectSound(writer, lang)
  await writer.locator('input[name=if]').fill('own is no or act is move')
  await writer.locator('button[value=save]').last().click()
  await expect(writer.locator('.mq-notice--done')).toBeVisible()

  // The fee, by keyboard alone.
  await writer.goto(`${desk}/draft`)
  await open(writer, writer.locator(`a[href="${desk}/draft/fees"]`))
  await open(writer, writer.locator(`a[href="${desk}/draft/fees/1"]`))
  await reach(writer, writer.locator('input[name=amount]'))
  await writer.keyboard.press('Control+A')
  await writer.keyboard.type('650.50')
  await writer.keyboard.press('Enter')
  await expect(writer).toHaveURL(new RegExp(`${desk}/draft/fees$`))
  await expect(writer.locator('.mq-notice--done')).toBeVisible()

  await writer.goto(`${desk}/draft`)
  await writer.locator(`a[href="${desk}/draft/preview"]`).click()
  await expect(writer.getByText('650.50')).toBeVisible()
  await expectSound(writer, lang)
  await writer.goto(desk)
  await expect(writer.locator('ins', { hasText: '650.50' })).toBeVisible()
  await expect(writer.locator('del', { hasText: '800.00' })).toBeVisible()
  await expect(writer.locator('main')).not.toContainText('act is move')
  await expect(writer.locator('input[name=valid_from]')).toHaveCount(0) // who wrote it hands it on
  await expectSound(writer, lang)
  await person.goto(`/permits/${code}`)
  await expect(person.getByText('650.50')).toHaveCount(0) // a draft counts for nobody

  const second = await signedIn(browser, options, lang, 'admin2')
  await second.goto(desk)
  await second.locator('input[name=valid_from]').fill(today())
  await second.locator(`form[action="${desk}/publish"] button`).click()
  await expect(second.locator('.govuk-error-summary')).toBeVisible() // the reason
  await expectSound(second, lang)
  await second.locator('textarea[name=reason]').fill('樹主不同意的爭議太多。')
  await second.locator(`form[action="${desk}/publish"] button`).click()
  await expect(second.locator('.mq-notice--done')).toBeVisible()
  await expectSound(second, lang)

  await person.reload()
  await expect(person.getByText('650.50')).toBeVisible()
  await person.goto(sent)
  await expect(person.locator('main')).toContainText('moving.pdf')
  await expect(person.locator('main')).not.toContainText(consent[lang]) // it stays on its version
  await asks(person)
  await expect(paper(person, 'consent')).toHaveCount(1) // a new one follows the new rule
})

const consent = { 'zh-Hant': '所有人同意書', 'zh-Hans': '所有人同意书', en: 'Consent of the owner' }

// asks for leave to move a tree of one's own.
async function asks(person: Page) {
  await begin(person, code)
  await person.locator('input[name="answers.place"]').fill('湖濱路 12 號')
  await person.locator('input[name="answers.count"]').fill('1')
  await person.locator('input[name="answers.act"][value=move]').check()
  await person.locator('input[name="answers.old"][value=false]').check()
  await person.locator('input[name="answers.own"][value=true]').check()
  await answered(person)
}

function paper(person: Page, material: string): Locator {
  return person.locator(`input[type=file][name="material.${material}"]`)
}

// The day in the city.
function today(): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date())
}

// reach presses Tab until something has the focus.
async function reach(page: Page, target: Locator) {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((one) => one === document.activeElement)) return
  }
  throw new Error('the keyboard does not reach it')
}

async function open(page: Page, link: Locator) {
  const to = await link.getAttribute('href')
  await reach(page, link)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`${to}$`))
}
