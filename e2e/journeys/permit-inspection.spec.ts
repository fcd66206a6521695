import { decide } from '../support/apply.ts'
import { expectSound } from '../support/page.ts'
import { act, signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

const code = 'road-occupation'
// What is applied for lies ahead, whenever the journey is made.
const nextYear = String(new Date().getFullYear() + 1)

// Two officials go where there is no network: what they find is kept on the phone and
// sent once when the network is back; a second phone hears that it is done. It was not
// passed, so that nothing is granted; they go again, and the permit is decided.
test('an inspection is filled in without network and sent once, and the permit is decided @three @phone', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  test.setTimeout(200_000)
  const options = { ...contextOptions, baseURL, viewport, locale }
  const person = await signedIn(browser, options, lang, 'citizen')
  const no = await apply(person)
  const address = person.url()

  const head = await signedIn(browser, options, lang, 'head')
  await head.goto(`/desk/cases/${no}/permit`)
  await head.locator('input[name="verdict.plan"][value=verified]').check()
  await head.locator('button[value=examine]').click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()

  await head.locator('a[href$="/inspection"]').click()
  await expectSound(head, lang)
  await head.locator('button[type=submit]').last().click()
  await expect(head.locator('.govuk-error-summary')).toBeVisible() // day, time, and a second official
  await expectSound(head, lang)
  await head.locator('input[name=day]').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10))
  await head.locator('input[name=time]').fill('09:30')
  await head.locator('input[name=going]:not(:checked)').first().check()
  await head.locator('button[type=submit]').last().click()
  await expect(head.locator('.mq-notice--done')).toBeVisible()
  await expectSound(head, lang)
  await person.reload()
  await expect(person.getByText('09:30').first()).toBeVisible()

  const second = await head.context().newPage() // opened before anything is recorded
  await second.goto(`/desk/cases/${no}/inspection`)
  await expect(head.locator('[data-offline]')).toBeVisible()
  const apart = (page: Page) => page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length))))
  await expect.poll(async () => (await apart(head))[0] ?? 0).toBeGreaterThan(4) // the page and its files are kept
  const copy = await head.evaluate(async (path) => (await caches.match(path, { ignoreVary: true }))!.text(), `/desk/cases/${no}/inspection`)
  expect(copy).toContain('data-inspection')
  expect(copy).not.toContain('value="appoint"') // who else could be sent is nobody's need on site
  await head.context().setOffline(true)
  await head.goto(`/desk/cases/${no}/inspection`) // and open without network
  await expect(head.locator('[data-offline]')).toBeVisible()
  await expectSound(head, lang)
  await fill(head, 'unmet')
  await head.locator('input[name=photos]').setInputFiles({ name: 'gate.png', mimeType: 'image/png', buffer: picture })
  await expect.poll(() => lies(head)).toMatch(/^1 /) // kept as it is written
  for (const clear of ['鷹架', 'hydrant', 'gate.png', 'IHDR', 'typed']) expect(await lies(head)).not.toContain(clear) // and sealed
  expect(await lies(head)).not.toContain((await head.context().cookies()).find(({ name }) => name === 'mq_forms')!.value)

  // With the session goes what opens it; the same person comes back to it.
  await head.context().clearCookies({ name: 'mq_forms' })
  await head.goto(`/desk/cases/${no}/inspection`)
  await expect(head.getByText(word(lang, 'permit.inspection.kept.locked'))).toBeVisible()
  await expect(head.locator('[data-inspection]')).toHaveCount(0)
  await expect(head.locator('input[name="note.hydrant"]')).toHaveCount(0)
  await expectSound(head, lang)
  await head.context().setOffline(false)
  await head.goto(`/desk/cases/${no}/inspection`)
  await expect(head.locator('input[name="note.hydrant"]')).toHaveValue('鷹架擋住消防栓。')
  await expect(head.locator('[data-photos]')).toContainText('gate.png')
  await expect.poll(async () => (await apart(head))[0] ?? 0).toBeGreaterThan(4)
  await head.context().setOffline(true)
  await head.locator('[data-inspection] button[type=submit]').click()
  await expect(head.locator('[data-state] p')).toBeVisible() // kept
  await expectSound(head, lang)
  await head.context().setOffline(false)
  await expect(head.locator('[data-inspection]')).toHaveCount(0, { timeout: 15_000 })
  await expect(head.locator('.mq-notice--done')).toBeVisible()
  await expect(head.getByText('gate.png')).toHaveCount(1)
  expect(await apart(head)).toEqual([]) // nothing of it is left
  await expectSound(head, lang)

  await fill(second, 'met')
  await second.locator('[data-inspection] button[type=submit]').click()
  await expect(second.locator('[data-conflict]')).toBeVisible()
  await expectSound(second, lang)
  await second.locator('[data-drop]').click()
  await expect(second.locator('[data-inspection]')).toHaveCount(0)

  // Whoever signs out leaves no form behind, sent or not.
  expect(await forms(second, { id: 'x', state: 'waiting', values: [['note', 'x']], photos: [] })).toBe(1)
  await second.evaluate(async () => { await (await caches.open('minqing-inspection /desk/cases/x/inspection')).put('/desk/cases/x/inspection', new Response('', { headers: { Date: new Date().toUTCString() } })) })
  let left = ['nobody has looked']
  await second.route('**/sign-out', async (route) => { // what is kept when the browser asks to be signed out
    left = await head.evaluate(() => caches.keys())
    await route.continue()
  })
  await second.locator('form[action="/sign-out"]').evaluate((form: HTMLFormElement) => form.requestSubmit())
  await expect(second.locator('form[action="/sign-out"]')).toHaveCount(0)
  expect(left).toEqual([])
  expect(await forms(second)).toBe(0)

  await person.goto(address)
  await expectSound(person, lang)

  const again = await signedIn(browser, options, lang, 'head')
  await again.goto(`/desk/cases/${no}`)
  await act(again, 'assign')
  await again.goto(`/desk/cases/${no}/permit`)
  await again.locator('input[name=grants][value=yes]').check()
  await again.locator('button[value=draft]').click()
  await expect(again.locator('.govuk-error-summary')).toBeVisible() // it was not passed
  await again.goto(`/desk/cases/${no}/inspection`)
  await again.locator('details:has(input[name=do][value=appoint]) summary').click()
  await again.locator('input[name=day]').fill(new Date(Date.now() + 4 * 86_400_000).toISOString().slice(0, 10))
  await again.locator('input[name=time]').fill('10:30')
  await again.locator('input[name=going]:not(:checked)').first().check()
  await again.locator('form:has(input[name=do][value=appoint]) button[type=submit]').click()
  await expect(again.locator('.mq-notice--done')).toBeVisible()
  await fill(again, 'met')
  await again.locator('[data-inspection] button[type=submit]').click()
  await expect(again.locator('[data-inspection]')).toHaveCount(0, { timeout: 15_000 })
  await decide(again, await signedIn(browser, options, lang, 'supervisor'), no, async () => again.locator('input[name=grants][value=yes]').check())
  await expectSound(again, lang)
  await person.goto(address)
  await expect(person.locator('section[aria-labelledby=result] dd').filter({ hasText: /^LJP/ })).toBeVisible()
  await expectSound(person, lang)
})

// forms counts what the browser keeps of inspections, once it has kept one more.
function forms(page: Page, more?: object): Promise<number> {
  return page.evaluate((one) => new Promise<number>((resolve, reject) => {
    const opening = indexedDB.open('minqing-inspections', 1)
    opening.onerror = () => reject(opening.error)
    opening.onupgradeneeded = () => opening.result.createObjectStore('forms', { keyPath: 'id' })
    opening.onsuccess = () => {
      const all = opening.result.transaction('forms', 'readwrite').objectStore('forms')
      if (one) all.put(one)
      const count = all.count()
      count.onsuccess = () => resolve(count.result)
    }
  }), more)
}

// lies is what somebody finds who looks into the browser's store: how many forms, and all
// that is written there, read as text.
function lies(page: Page): Promise<string> {
  return page.evaluate(() => new Promise<string>((resolve, reject) => {
    const opening = indexedDB.open('minqing-inspections', 1)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const all = opening.result.transaction('forms').objectStore('forms').getAll()
      all.onsuccess = () => {
        opening.result.close()
        const text = (one: unknown): string => {
          if (one instanceof ArrayBuffer) return new TextDecoder().decode(one)
          if (ArrayBuffer.isView(one)) return new TextDecoder().decode(one)
          if (one && typeof one === 'object') return Object.values(one).map(text).join(' ')
          return String(one)
        }
        resolve(`${all.result.length} ${text(all.result)}`)
      }
    }
  }))
}

async function apply(person: Page): Promise<string> {
  await person.goto(`/enterprise/apply/${code}`)
  await person.locator(`form[action="/enterprise/apply/${code}"] button`).click()
  await person.locator('input[name="answers.place"]').fill('湖濱路 12 號')
  await person.locator('input[name="answers.area"]').fill('12')
  for (const question of ['digging', 'carriageway']) await person.locator(`input[name="answers.${question}"][value=false]`).check()
  await day(person, 'begins', { year: nextYear, month: '3', day: '1' })
  await day(person, 'event_ends', { year: nextYear, month: '3', day: '31' })
  await person.locator('form:has(input[name=asked]) button[type=submit]').first().click()
  await expect(person).toHaveURL(/\/materials$/)
  const form = person.locator('form:has(input[type=file][name="material.plan"])')
  await form.locator('input[type=file]').setInputFiles({ name: 'plan.png', mimeType: 'image/png', buffer: picture })
  await form.locator('button[value=attach]').click()
  await expect(person.getByText('plan.png').first()).toBeVisible()
  await person.goto(person.url().replace(/\/materials.*$/, '/check'))
  await person.locator('input[name=agrees]').check()
  await person.locator('form:has(input[name=agrees]) button[type=submit]').click()
  return (await person.locator('#case-no').textContent())!.trim()
}

async function fill(page: Page, cover: string) {
  await page.locator('input[name="check.walkway"][value=met]').check()
  await page.locator(`input[name="check.hydrant"][value=${cover}]`).check()
  if (cover === 'unmet') await page.locator('input[name="note.hydrant"]').fill('鷹架擋住消防栓。')
  await page.locator(`input[name=passed][value=${cover === 'unmet' ? 'no' : 'yes'}]`).check()
}

async function day(person: Page, question: string, parts: Record<string, string>) {
  for (const [part, value] of Object.entries(parts)) await person.locator(`input[name="answers.${question}.${part}"]`).fill(value)
}

// The smallest picture.
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64')
