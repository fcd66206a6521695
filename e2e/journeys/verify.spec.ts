import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, flattenedVerify, jwtVerify } from 'jose'
import { answered, attach, begin, occupy, sign } from '../support/apply.ts'
import { expectSound } from '../support/page.ts'
import { scan } from '../support/paper.ts'
import { signedIn } from '../support/people.ts'
import { held } from '../support/permits.ts'
import { expect, test } from '../support/test.ts'
import { word } from '../support/words.ts'

const valid = held('tree-felling', 'citizen') // another journey revokes the sign's
const revoked = held('outdoor-sign', 'company', 'revoke')

// An inspector types the number on a paper, and sees whether the permit counts.
test('everybody sees how a permit stands @noscript @three', async ({ page, lang }) => {
  await page.goto(`/?lang=${lang}`)
  await page.locator('footer a[href="/verify"]').click()
  await expectSound(page, lang)
  const number = page.locator('input[name=number]')
  const ask = page.locator('main form button')
  const slip = valid.slice(0, -2) + ((Number(valid.at(-2)) + 1) % 10) + valid.at(-1)
  await number.fill(slip)
  await ask.click()
  await expect(page.locator('.govuk-error-summary')).toContainText(word(lang, 'verify.number.check'))
  await expect(number).toHaveValue(slip)
  await expectSound(page, lang)
  await number.fill(`${valid.slice(0, 3).toLowerCase()} ${valid.slice(3, 7)} ${valid.slice(7)}`)
  await ask.click()
  await expect(page).toHaveURL(`/verify/${valid}`)
  await expect(page.locator('h1')).toHaveText(word(lang, 'verify.is.valid'))
  await expect(page.getByText('林**')).toBeVisible()
  await expect(page.getByText('南埔巷 7 號')).toBeVisible()
  await expectSound(page, lang)
  await page.goto(`/verify/${revoked}`)
  await expect(page.locator('h1')).toHaveText(word(lang, 'verify.is.revoked'))
  await expectSound(page, lang)
})

// The holder takes the permit away: its QR code leads back to us, and its
// credential holds without us, checked by somebody else's library.
test('a paper leads back to us and a credential holds without us @three', async ({ browser, contextOptions, baseURL, viewport, locale, lang }) => {
  const citizen = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'citizen')
  const paper = await citizen.request.get(`/me/permits/${valid}/permit.pdf`)
  expect(paper.headers()['content-type']).toBe('application/pdf')
  const [address] = await scan(browser, await paper.body())
  await citizen.goto(address!)
  await expect(citizen).toHaveURL(`${baseURL}/verify/${valid}`)
  await expect(citizen.locator('h1')).toHaveText(word(lang, 'verify.is.valid'))

  const get = async (path: string) => (await citizen.request.get(path)).text()
  const keys = createLocalJWKSet(JSON.parse(await get('/.well-known/jwks.json')))
  const issuer = address!.replace(`/verify/${valid}`, '')
  const rules = { issuer, subject: valid, typ: 'permit+jwt', algorithms: ['EdDSA'] }
  const token = (await get(`/me/permits/${valid}/credential`)).trim()
  const { payload, protectedHeader } = await jwtVerify<{ permit: { holder: { name: string } }; status_list: string }>(token, keys, rules)
  expect(payload.permit.holder.name).toBe('林小滿')
  expect(protectedHeader.kid).toBe(decodeProtectedHeader(token).kid)

  // Altered in what it says, or told to be another thing, it does not hold.
  const [head, , signature] = token.split('.')
  const longer = Buffer.from(JSON.stringify({ ...decodeJwt(token), exp: payload.exp! + 86_400 })).toString('base64url')
  await expect(jwtVerify(`${head}.${longer}.${signature}`, keys, rules)).rejects.toThrow('signature verification failed')
  await expect(jwtVerify(token, keys, { ...rules, typ: 'permit-status+jwt' })).rejects.toThrow()
  await expect(jwtVerify(token, keys, { ...rules, currentDate: new Date((payload.exp! + 1) * 1000) })).rejects.toThrow('"exp"')

  // The list of what was withdrawn is signed under the same keys.
  const list = JSON.parse(await get(new URL(payload.status_list).pathname))
  const status = JSON.parse(new TextDecoder().decode((await flattenedVerify(list, keys, { algorithms: ['EdDSA'] })).payload))
  expect(status.permits[revoked].state).toBe('revoked')
  expect(status.permits[valid]).toBeUndefined()
  const forged = Buffer.from(JSON.stringify({ ...status, permits: {} })).toString('base64url')
  await expect(flattenedVerify({ ...list, payload: forged }, keys)).rejects.toThrow('signature verification failed')
})

// Whoever is shown a receipt sees that the seal is the agency's, and compares.
test('the seal on a receipt holds, with us and without', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang }) => {
  test.setTimeout(120_000)
  const citizen = await signedIn(browser, { ...contextOptions, baseURL, viewport, locale }, lang, 'citizen')
  await begin(citizen, 'outdoor-sign')
  for (const [name, value] of [['lit', false], ['roof', false], ['own_building', true]]) {
    await citizen.locator(`input[name="answers.${name}"][value=${value}]`).check()
  }
  await citizen.locator('input[name="answers.place"]').fill('湖濱路 12 號')
  await citizen.locator('input[name="answers.area"]').fill('3')
  await answered(citizen)
  await attach(citizen, 'drawing')
  await attach(citizen, 'photo')
  const no = await sign(citizen)
  const href = await citizen.locator('a[href$="/receipt.pdf"]').first().getAttribute('href')
  const codes = await scan(browser, await (await citizen.request.get(href!)).body())
  const seal = codes.find((code) => code.includes('/verify/receipt/'))!
  expect(codes).toHaveLength(2)
  await page.goto(seal)
  await expect(page.locator('h1')).toHaveText(word(lang, 'verify.receipt.genuine'))
  await expect(page.locator('main')).not.toContainText('林小滿')
  await expectSound(page, lang)

  const token = seal.slice(seal.lastIndexOf('/') + 1)
  const keys = createLocalJWKSet(JSON.parse(await (await page.request.get('/.well-known/jwks.json')).text()))
  const { payload } = await jwtVerify(token, keys, { typ: 'receipt+jwt', algorithms: ['EdDSA'], subject: no })
  expect(payload.files).toBe(2)
  await expect(page.locator('main')).toContainText(no)
  await expect(jwtVerify(token, keys, { typ: 'permit+jwt' })).rejects.toThrow()

  const [head, , signature] = token.split('.')
  const other = Buffer.from(JSON.stringify({ ...decodeJwt(token), files: 9 })).toString('base64url')
  const answer = await page.goto(`/verify/receipt/${head}.${other}.${signature}`)
  expect(answer!.status()).toBe(404)
  await expect(page.locator('h1')).toHaveText(word(lang, 'verify.receipt.forged'))
  await expectSound(page, lang)
})

// The written proofs of art. 32, of what was accepted and of what was not: the code that a
// phone sees on the drawn page leads to a page that says the same, and the seal in it holds
// for somebody else's library.
test('the proofs of acceptance and of its refusal lead back to us @three', async ({ page, browser, contextOptions, baseURL, viewport, locale, lang }) => {
  test.setTimeout(180_000)
  const options = { ...contextOptions, baseURL, viewport, locale }
  const citizen = await signedIn(browser, options, lang, 'citizen')
  const head = await signedIn(browser, options, lang, 'head')
  for (const accepts of [true, false]) {
    const no = await occupy(citizen, lang)
    const address = citizen.url()
    await head.goto(`/desk/cases/${no}/permit`)
    if (accepts) {
      await head.locator('input[name="verdict.plan"][value=verified]').check()
      await head.locator('button[value=examine]').click()
    } else {
      await head.locator('details:has(button[value=decline]) summary').click()
      await head.locator('input[name=reason][value=not_ours]').check()
      await head.locator('input[name=body]').fill('鄰江區水務局')
      await head.locator('textarea[name=explanation]').fill('工地在鄰江區境內。')
      await head.locator('button[value=decline]').click()
    }
    await expect(head.locator('.mq-notice--done')).toBeVisible()

    await citizen.goto(address)
    await expectSound(citizen, lang)
    const href = await citizen.locator('main a[href$="/acceptance.pdf"]').first().getAttribute('href')
    const codes = await scan(browser, await (await citizen.request.get(href!)).body())
    const seal = codes.find((code) => code.includes('/verify/receipt/'))!
    expect(seal.startsWith(`${baseURL}/verify/receipt/`)).toBe(true)
    await page.goto(`${seal}?lang=${lang}`)
    await expect(page.locator('h1')).toHaveText(word(lang, accepts ? 'verify.accepted.genuine' : 'verify.not_accepted.genuine'))
    await expect(page.locator('main')).toContainText(no)
    await expect(page.locator('main')).not.toContainText('林小滿')
    await expect(page.locator('main')).not.toContainText('鄰江') // neither body nor reasons stand in a seal
    await expectSound(page, lang)

    const keys = createLocalJWKSet(JSON.parse(await (await page.request.get('/.well-known/jwks.json')).text()))
    const { payload } = await jwtVerify(seal.slice(seal.lastIndexOf('/') + 1), keys, { typ: 'receipt+jwt', algorithms: ['EdDSA'], subject: no })
    expect(payload.act).toBe(accepts ? 'accepted' : 'not_accepted')
    expect(payload.ground).toBe(accepts ? undefined : 'not_ours')
  }
})
