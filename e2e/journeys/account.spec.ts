// Registering, signing in by a code, replacing a forgotten password, a phone, and
// an authenticator app: with a real mail server and gateway for texts.
import { createHmac } from 'node:crypto'
import { ownCity } from '../support/own.ts'
import { expectSound } from '../support/page.ts'
import { startPost } from '../support/post.ts'
import { createAccount } from '../support/server.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'
import type { Page } from '@playwright/test'

const password = 'four unlikely lamps sing'
const own = ownCity(startPost, async (folder) => {
  for (const name of ['wide', 'narrow', 'plain', 'pg']) await createAccount(folder, `${name}@city.test`, password, 'handler', 'CG03')
})

const button = (page: Page) => page.locator('main form button[type=submit]').last()

async function signOut(page: Page) {
  await page.locator('form[action="/sign-out"]').first().evaluate((form: HTMLFormElement) => form.submit())
  await expect(page).toHaveURL(`${own.portal.url}/`)
}

async function signIn(page: Page, email: string, secret: string) {
  await page.goto(`${own.portal.url}/sign-in`)
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(secret)
  await page.locator('form[action="/sign-in"] button[type=submit]').click()
}

// What RFC 6238 says that an app shows now.
function shown(secret: string, step = Math.floor(Date.now() / 30_000)): string {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const sum = createHmac('sha1', key).update(counter).digest()
  const at = sum[19]! & 15
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

test('a citizen registers, and comes in by password, code, link and phone @noscript', async ({ page, lang }, info) => {
  const name = info.project.name.toLowerCase().replace(/[^a-z0-9]+/g, '-') + '-' + info.retry
  const email = `lin.${name}@home.test`
  await page.goto(`${own.portal.url}/register?lang=${lang}`)
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(password)
  await button(page).click()
  await expect(page).toHaveURL(/register\/sent/)
  await page.goto((await own.post.to(email, /http:\/\/127[^\s"<]+\/confirm\/[^\s"<]+/))[0])
  await page.locator('input[name=password]').fill(password)
  await expectSound(page, lang)
  await button(page).click()
  await expect(page.getByText(word(lang, 'signin.confirm.done'))).toBeVisible()
  await signOut(page)

  await page.goto(`${own.portal.url}/sign-in`)
  await page.getByRole('link', { name: word(lang, 'code.link') }).click()
  await expectSound(page, lang)
  await page.locator('input[name=who]').fill(email)
  await button(page).click()
  await expectSound(page, lang)
  await page.locator('input[name=code]').fill((await own.post.to(email, /^\d{8}$/m))[0])
  await button(page).click()
  await expect(page).toHaveURL(`${own.portal.url}/`)

  const phone = `+86138${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`
  await page.goto(`${own.portal.url}/me/security/phone`)
  await page.locator('input[name=phone]').fill(phone)
  await page.locator('input[name=current]').fill(password)
  await expectSound(page, lang)
  await button(page).click()
  await page.locator('input[name=code]').fill((await own.post.to(phone, /\d{8}/))[0])
  await button(page).click()
  await expect(page.getByText(word(lang, 'code.phone.done'))).toBeVisible()
  await signOut(page)

  await page.goto(`${own.portal.url}/sign-in`)
  await page.getByRole('link', { name: word(lang, 'reset.link') }).click()
  await expectSound(page, lang)
  await page.locator('input[name=email]').fill(email)
  await button(page).click()
  await expectSound(page, lang)
  await page.goto((await own.post.to(email, /http:\/\/127[^\s"<]+\/reset\/[^\s"<]+/))[0])
  await expectSound(page, lang)
  await page.locator('input[name=password]').fill(password + ' twice')
  await button(page).click()
  await expect(page.getByText(word(lang, 'reset.done'))).toBeVisible()
  await own.post.to(email, new RegExp(word(lang, 'notify.password_changed.text').slice(0, 20)))
  await signIn(page, email, password + ' twice')
  await expect(page).toHaveURL(`${own.portal.url}/`)
})

test('staff set an authenticator app up and sign in with it @noscript', async ({ page, lang, javaScriptEnabled, viewport }, info) => {
  const name = javaScriptEnabled === false ? 'plain' : info.project.name === 'PostgreSQL' ? 'pg' : viewport!.width < 500 ? 'narrow' : 'wide'
  const email = `${name}@city.test`
  await page.goto(`${own.portal.url}/?lang=${lang}`)
  await signIn(page, email, password)
  await page.goto(`${own.portal.url}/me/security/totp`)
  await button(page).click()
  await expectSound(page, lang)
  const secret = await page.locator('code').filter({ hasText: /^[A-Z2-7]{32}$/ }).innerText()
  const step = Math.floor(Date.now() / 30_000)
  await page.locator('input[name=code]').fill(shown(secret, step))
  await button(page).click()
  await expect(page.locator('li code')).toHaveCount(10) // waits for the page; allInnerTexts does not
  const recovery = await page.locator('li code').allInnerTexts()
  await expectSound(page, lang)
  await signOut(page)
  await signIn(page, email, password)
  await expect(page).toHaveURL(/sign-in\/second/)
  await expectSound(page, lang)
  await page.locator('input[name=code]').fill(shown(secret, step)) // used before
  await button(page).click()
  await expect(page.locator('#code-error')).toBeVisible()
  await page.locator('input[name=code]').fill(shown(secret, step + 1)) // one step ahead is allowed
  await page.waitForTimeout(1100) // the button takes two clicks within a second for one
  await button(page).click()
  await expect(page).toHaveURL(`${own.portal.url}/desk`)
  await page.goto(`${own.portal.url}/me/security/totp`)
  await page.locator('input[name=password]').fill(password)
  await page.locator('input[name=code]').fill(recovery[0]!)
  await expectSound(page, lang)
  await button(page).click()
  await expect(page.getByRole('button', { name: word(lang, 'security.second.begin') })).toBeVisible()
  await own.post.to(email, /me\/security/)
})
