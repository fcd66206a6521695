import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const code = 'outdoor-sign'

// A large drawing is cut off in the middle, goes on where it was, and is there once.
test('a large file goes on after the connection was cut', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  test.setTimeout(120_000)
  const options = { ...contextOptions, baseURL, viewport, locale }
  const person = await signedIn(browser, options, lang, 'citizen')
  await person.goto(`/enterprise/apply/${code}`)
  await person.locator(`form[action="/enterprise/apply/${code}"] button`).click()
  await person.goto(person.url().replace(/\/questions.*$/, '/materials'))
  const form = person.locator('form:has(input[type=file][name="material.photo"])')
  const input = form.locator('input[type=file]')
  await expect(input).toHaveAttribute('accept', '.pdf,.jpg,.jpeg,.png,.webp')

  await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no photo') })
  await form.locator('button[value=attach]').click()
  await expect(person.locator('.govuk-error-summary')).toContainText('PDF') // what is wanted is named
  await expectSound(person, lang)

  const body = Buffer.concat([Buffer.from('%PDF-1.4\n%'), Buffer.alloc(2_500_000, 'x'), Buffer.from('\n%%EOF\n')])
  const offsets: string[] = []
  let cut = true
  await person.route('**/uploads/*', async (route) => {
    const request = route.request()
    if (request.method() === 'PATCH') offsets.push(request.headers()['upload-offset']!)
    if (cut && (request.method() !== 'PATCH' || request.headers()['upload-offset'] !== '0')) await route.abort()
    else await route.continue()
  })
  await input.setInputFiles({ name: 'large.pdf', mimeType: 'application/pdf', buffer: body })
  await form.locator('button[value=attach]').click()
  await expect(form.locator('[data-upload-state]')).toContainText('41') // one part of three, and no more
  await expect.poll(() => offsets).toContain('1048576')
  await expectSound(person, lang)
  cut = false
  const item = person.locator('section:has(input[type=file][name="material.photo"])')
  await expect(item.locator('a', { hasText: 'large.pdf' })).toHaveCount(1, { timeout: 40_000 })
  expect(offsets.filter((one) => one === '0')).toHaveLength(1) // the first part went once

  const [download] = await Promise.all([person.waitForEvent('download'), item.locator('a', { hasText: 'large.pdf' }).click()])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).equals(body)).toBe(true)
})
