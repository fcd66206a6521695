import { expectSound } from '../support/page.ts'
import { act, signedIn } from '../support/people.ts'
import { picture } from '../support/picture.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

const next = 'main form .govuk-button[type=submit]:not(.govuk-button--secondary)'

// A person attaches a photo; the handler blacks out parts of it, drawing them
// with the pointer where there is a script and typing their numbers where not.
test('parts of an attached picture are blacked out @noscript', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang, javaScriptEnabled }) => {
  test.setTimeout(150_000)
  const options = { ...contextOptions, baseURL, viewport, locale, javaScriptEnabled }
  const caseNo = await fileWithPicture(page)
  const dispatcher = await signedIn(browser, options, lang, 'dispatcher')
  await dispatcher.goto(`/desk/cases/${caseNo}`)
  await expect(dispatcher.locator('a[href$="/black"]')).toHaveCount(0)
  await act(dispatcher, 'accept')
  await act(dispatcher, 'dispatch')

  const handler = await signedIn(browser, options, lang, 'handler')
  await handler.goto(`/desk/cases/${caseNo}`)
  const original = await handler.locator('a[href*="/files/"]:not([href$="/black"])').getAttribute('href')
  await handler.locator('a[href$="/black"]').click()
  await expectSound(handler, lang)
  const shapes = handler.locator('.mq-black__over rect')
  if (javaScriptEnabled === false) await handler.locator('[name=left-1]').fill('10')
  else await draw(handler, 0.1, 0.2, 0.4, 0.6)
  await handler.locator('[name=left-2]').fill('90')
  await handler.locator('[name=top-2]').fill('0')
  await handler.locator('[name=width-2]').fill('20')
  await handler.locator('[name=height-2]').fill('10')

  await handler.locator('button[value=save]').click()
  await expect(handler.locator('.govuk-error-summary')).toBeVisible()
  await expect(handler.locator('[name=width-2]')).toHaveValue('20')
  await expectSound(handler, lang)
  await handler.locator('[name=width-2]').fill('10')
  if (javaScriptEnabled === false) {
    for (const [side, n] of Object.entries({ top: '20', width: '30', height: '40' })) await handler.locator(`[name=${side}-1]`).fill(n)
  } else {
    await draw(handler, 0.9, 0.95, 0.6, 0.9) // from the right to the left
    await expect(shapes).toHaveCount(3)
    await handler.locator('[data-drop]:visible').last().click()
    await expect(shapes).toHaveCount(2)
    for (let i = 0; i < 4; i++) await draw(handler, 0.7, 0.9, 0.8, 0.95) // more than there is room for at first
    await expect(handler.locator('[data-part]')).toHaveCount(6)
    await expectSound(handler, lang)
    for (let i = 0; i < 4; i++) await handler.locator('[data-drop]:visible').last().click()
  }
  await handler.locator('button[value=preview]').click()
  await expect(shapes).toHaveCount(2)
  await expectSound(handler, lang)
  await handler.locator('button[value=save]').click()
  await expect(handler.locator('.mq-notice--done')).toBeVisible()
  await expectSound(handler, lang)

  const name = word(lang, 'desk.black.name', { Name: 'plate' }) + '.png'
  const made = await handler.locator(`a[href*="/files/"]:not([href$="/black"])`).filter({ hasText: name }).getAttribute('href')
  await expect(handler.locator('.mq-story')).toContainText(`plate.png → ${name}`)
  if (javaScriptEnabled === false) return
  expect(await colours(handler, made!)).toEqual([[0, 0, 0], [0, 0, 0], [200, 30, 30]])
  expect(await colours(handler, original!)).toEqual([[200, 30, 30], [200, 30, 30], [200, 30, 30]])
})

async function fileWithPicture(page: Page): Promise<string> {
  await page.goto('/file/street-light/what')
  await page.locator('input[name=kind][value=help_request]').check()
  await page.locator('input[name=title]').fill('湖濱路 12 號前路燈不亮')
  await page.locator('textarea[name=description]').fill('兩盞路燈從週一晚上起都不亮，照片中是停在燈下的車。')
  await page.locator('input[type=file]').setInputFiles({ name: 'plate.png', mimeType: 'image/png', buffer: picture(400, 200, [200, 30, 30]) })
  await page.locator(next).click()
  await page.locator(next).click() // the questions are optional
  await page.locator('input[name="location.address"]').fill('湖濱路 12 號前')
  await page.locator(next).click()
  await page.locator('input[name=confidentiality][value=normal]').check()
  await page.locator('input[name="contact.name"]').fill('王小明')
  await page.locator('input[name="contact.phone"]').fill('13812345678')
  await page.locator(next).click()
  await expect(page).toHaveURL(/\/check/)
  await page.locator(next).click()
  await expect(page).toHaveURL(/\/receipt\//)
  return /[A-Z]{2}\d{11,}[0-9A-Z]/.exec(await page.locator('main').innerText())![0]
}

// draw drags the pointer over the picture, in parts of its width and height.
async function draw(page: Page, x: number, y: number, toX: number, toY: number) {
  const over = page.locator('.mq-black__over')
  await expect(over).toHaveClass(/is-drawn/)
  await over.scrollIntoViewIfNeeded()
  const box = (await over.boundingBox())!
  await page.mouse.move(box.x + x * box.width, box.y + y * box.height)
  await page.mouse.down()
  await page.mouse.move(box.x + toX * box.width, box.y + toY * box.height, { steps: 3 })
  await page.mouse.up()
}

// colours looks at three places of a picture: within either part, and outside.
async function colours(page: Page, address: string): Promise<number[][]> {
  return page.evaluate(async (from) => {
    const bitmap = await createImageBitmap(await (await fetch(from)).blob())
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!
    canvas.drawImage(bitmap, 0, 0)
    return [[0.3, 0.5], [0.95, 0.05], [0.6, 0.5]].map(([x, y]) => [...canvas.getImageData(x * bitmap.width, y * bitmap.height, 1, 1).data].slice(0, 3))
  }, address)
}
