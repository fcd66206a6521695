// Scanning a paper as a phone does: its pages are drawn by pdf.js in the browser,
// and what jsQR sees in the pictures is what a camera would see.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Browser } from '@playwright/test'

const find = createRequire(import.meta.url).resolve
const reader = 'http://reader.test'

export async function scan(browser: Browser, pdf: Buffer): Promise<string[]> {
  const page = await (await browser.newContext({ javaScriptEnabled: true })).newPage() // the phone's own
  const files: Record<string, [string, Buffer]> = {
    '/': ['text/html', Buffer.from('<!doctype html><title>Reader</title>')],
    '/pdf.mjs': ['text/javascript', readFileSync(join(dirname(find('unpdf')), 'pdfjs.mjs'))],
    '/qr.js': ['text/javascript', readFileSync(find('jsqr'))],
    '/paper.pdf': ['application/pdf', pdf],
  }
  await page.route(`${reader}/**`, (route) => {
    const file = files[new URL(route.request().url()).pathname]
    return file ? route.fulfill({ contentType: file[0], body: file[1] }) : route.fulfill({ status: 404 })
  })
  await page.goto(`${reader}/`)
  await page.addScriptTag({ url: `${reader}/qr.js` })
  const seen = await page.evaluate(async (base) => {
    const { getDocument } = await import(`${base}/pdf.mjs`)
    const paper = await getDocument({ url: `${base}/paper.pdf` }).promise
    const seen: string[] = []
    for (let no = 1; no <= paper.numPages; no++) {
      const sheet = await paper.getPage(no)
      const viewport = sheet.getViewport({ scale: 2 }) // 144 dots an inch
      const canvas = document.createElement('canvas')
      canvas.width = viewport.width
      canvas.height = viewport.height
      const canvasContext = canvas.getContext('2d', { willReadFrequently: true })!
      await sheet.render({ canvas, canvasContext, viewport }).promise
      for (;;) {
        const { data, width, height } = canvasContext.getImageData(0, 0, canvas.width, canvas.height)
        const code = (window as any).jsQR(data, width, height)
        if (!code) break
        seen.push(code.data)
        const { topLeftCorner: from, bottomRightCorner: to } = code.location
        canvasContext.fillStyle = 'white' // a thumb on what was read
        canvasContext.fillRect(from.x - 4, from.y - 4, to.x - from.x + 8, to.y - from.y + 8)
      }
    }
    return seen
  }, reader)
  await page.context().close()
  return seen
}
