// Applying for a permit, by the names of its questions and papers.
import { act } from './people.ts'
import { expect } from './test.ts'
import type { Page } from '@playwright/test'

// begin opens a draft of a type.
export async function begin(person: Page, code: string) {
  await person.goto(`/enterprise/apply/${code}`)
  await person.locator(`form[action="/enterprise/apply/${code}"] button`).click()
}

// answered goes on from the questions to the papers.
export async function answered(person: Page) {
  await person.locator('form:has(input[name=asked]) button[type=submit]').first().click()
  await expect(person).toHaveURL(/\/materials$/)
}

// attach hands in a paper.
export async function attach(person: Page, material: string) {
  const form = person.locator(`form:has(input[type=file][name="material.${material}"])`)
  const name = `${material}.pdf`
  await form.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n%${material}\n%%EOF\n`) })
  await form.locator('button[value=attach]').click()
  await expect(person.getByText(name).first()).toBeVisible()
}

// sign sends the application and gives its number.
export async function sign(person: Page): Promise<string> {
  await person.goto(person.url().replace(/\/materials.*$/, '/check'))
  await person.locator('input[name=agrees]').check()
  await person.locator('form:has(input[name=agrees]) button[type=submit]').click()
  return (await person.locator('#case-no').textContent())!.trim()
}

// grant has an application examined, drafted, signed by a second person and decided.
export async function grant(handler: Page, head: Page, no: string, materials: string[]) {
  const done = handler.locator('.mq-notice--done')
  await handler.goto(`/desk/cases/${no}/permit`)
  for (const material of materials) await handler.locator(`input[name="verdict.${material}"][value=verified]`).check()
  await handler.locator('button[value=examine]').click()
  await expect(done).toBeVisible()
  await decide(handler, head, no, async () => handler.locator('input[name=grants][value=yes]').check())
}

// decide has the decision on an accepted application drafted, signed by a second person
// and made; fill says what it is.
export async function decide(handler: Page, second: Page, no: string, fill: () => Promise<void>) {
  const done = handler.locator('.mq-notice--done')
  await handler.goto(`/desk/cases/${no}/permit`)
  if (!await handler.locator('button[value=draft]').count()) {
    await handler.goto(`/desk/cases/${no}`)
    await act(handler, 'assign')
    await handler.goto(`/desk/cases/${no}/permit`)
  }
  await fill()
  await handler.locator('button[value=draft]').click()
  await expect(done).toBeVisible()
  await second.goto(`/desk/cases/${no}`)
  await act(second, 'review_reply', (form) => form.locator('input[type=radio]').first().check())
  await handler.goto(`/desk/cases/${no}/permit`)
  await handler.locator('button[value=decide]').click()
  await expect(done).toBeVisible()
}

// occupy applies for leave to occupy a road, and gives the number of the case.
export async function occupy(person: Page, lang: string): Promise<string> {
  const nextYear = String(new Date().getFullYear() + 1) // it lies ahead, whenever the journey is made
  await begin(person, 'road-occupation')
  await person.locator('input[name="answers.place"]').fill('湖濱路 12 號')
  await person.locator('input[name="answers.area"]').fill('12')
  for (const question of ['digging', 'carriageway']) await person.locator(`input[name="answers.${question}"][value=false]`).check()
  await day(person, lang, 'begins', [nextYear, '3', '1'])
  await day(person, lang, 'event_ends', [nextYear, '3', '31'])
  await answered(person)
  await attach(person, 'plan')
  return sign(person)
}

// day answers a question about a day: in one field, or in three in the order of the
// language.
export async function day(person: Page, lang: string, question: string, parts: string[]) {
  const fields = person.locator(`input[name^="answers.${question}"]`)
  if (await fields.count() === 1) await fields.fill(parts.map((part) => part.padStart(2, '0')).join('-'))
  else for (const [i, part] of (lang === 'en' ? parts.toReversed() : parts).entries()) await fields.nth(i).fill(part)
}
