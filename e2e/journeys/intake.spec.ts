// A call is written down while somebody speaks: one page, by keyboard alone.
import { expectSound } from '../support/page.ts'
import { signedIn } from '../support/people.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'

// tabTo walks by the Tab key, as somebody without a mouse does.
async function tabTo(page: import('@playwright/test').Page, id: string) {
  for (let i = 0; i < 40; i++) {
    if (await page.evaluate((id) => document.activeElement?.id === id, id)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the Tab key does not reach #${id}`)
}

test('a call agent files a call by keyboard alone, and the next by the same number @six', async ({ browser, contextOptions, baseURL, viewport, locale, lang }, info) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'agent')
  const phone = `138${String(10_000_000 + Math.floor(Math.random() * 80_000_000))}`
  await page.goto('/desk/intake')
  await expectSound(page, lang)
  await expect(page.locator('#contact-phone')).toBeFocused()
  await page.keyboard.type(phone)
  await tabTo(page, 'contact-name')
  await expect(page.locator('#caller')).toContainText(word(lang, 'desk.intake.callers.none').slice(0, 4))
  await page.keyboard.type('林小滿')
  await tabTo(page, 'matter_code')
  await page.keyboard.type('street-light')
  await tabTo(page, 'description')
  await page.keyboard.type(`湖濱路 12 號前的路燈不亮 ${info.project.name}`)
  await expect(page.locator('#aside')).toContainText(phone)
  await expect(page.locator('#questions')).toContainText(/pole|桿|杆/)
  await tabTo(page, 'location-address')
  await page.keyboard.type('湖濱路 12 號')
  await tabTo(page, 'notes')
  await page.keyboard.type('說得很急')
  await expectSound(page, lang)
  await page.keyboard.press('Control+Enter')
  await expect(page.locator('#case-no')).toHaveText(/^LJ\d/)
  const number = await page.locator('#case-no').innerText()
  await expect(page.locator('#query-code')).toHaveText(/-/)
  await expectSound(page, lang)

  await page.keyboard.press('Enter') // the next call
  await expect(page.locator('#contact-phone')).toBeFocused()
  await page.keyboard.type(phone)
  await page.keyboard.press('Tab')
  await expect(page.locator('#caller')).toContainText(number)
  await page.context().close()
})

// A hand that types 200 keys a minute, three for a Chinese character, and counts
// them. What it takes is added to what the machine took.
class Hand {
  keys = 0
  private readonly page: import('@playwright/test').Page
  constructor(page: import('@playwright/test').Page) {
    this.page = page
  }
  async types(text: string) {
    for (const letter of text) this.keys += letter > '\u2e80' ? 3 : 1
    await this.page.keyboard.type(text)
  }
  async presses(key: string) {
    this.keys++
    await this.page.keyboard.press(key)
  }
  async goesTo(id: string) {
    for (let i = 0; i < 15; i++) {
      if (await this.page.evaluate((id) => document.activeElement?.id === id, id)) return
      await this.presses('Tab')
    }
    throw new Error(`#${id} is more than fifteen Tabs away`)
  }
}

test('a routine call is written down in less than a minute', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const page = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'agent')
  await page.goto('/desk/intake')
  await expect(page.locator('#contact-phone')).toBeFocused()
  const hand = new Hand(page)
  const began = Date.now()
  await hand.types(`139${String(10_000_000 + Math.floor(Math.random() * 80_000_000))}`)
  await hand.goesTo('contact-name')
  await hand.types('林小滿')
  await hand.goesTo('matter_code')
  await hand.types('street-light')
  await hand.goesTo('description')
  await hand.types('湖濱路 12 號前的路燈從昨晚起不亮，路口很暗。')
  await expect(page.locator('#questions'), 'the questions of the matter').toContainText(/pole|桿|杆/)
  await hand.goesTo('location-address')
  await hand.types('湖濱路 12 號')
  await hand.presses('Control+Enter')
  await expect(page.locator('#case-no')).toHaveText(/^LJ\d/)
  await expect(page.locator('#query-code')).toHaveText(/-/)
  const seconds = (Date.now() - began) / 1000 + hand.keys * 60 / 200
  expect(seconds, `${hand.keys} keys`).toBeLessThan(60)
  await page.context().close()
})
