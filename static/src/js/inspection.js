// The form of an inspection on site, filled in without network: what is typed and
// photographed is kept in this browser, and sent when the network is back. The
// server knows the same form by client_id, so that sending twice does no harm.
const SOON = 1_000
const LATE = 30_000

// store has one record for each inspection and person: { id, at, text, photos }, where
// text and photos are sealed.
function store() {
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open('minqing-inspections', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('forms', { keyPath: 'id' })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const run = async (mode, act) => {
    const all = (await opened).transaction('forms', mode).objectStore('forms')
    return new Promise((resolve, reject) => {
      const request = act(all)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  }
  return {
    get: (id) => run('readonly', (all) => all.get(id)),
    all: () => run('readonly', (all) => all.getAll()),
    put: (one) => run('readwrite', (all) => all.put(one)),
    drop: (id) => run('readwrite', (all) => all.delete(id)),
    clear: () => run('readwrite', (all) => all.clear()),
  }
}

const bytes = (words) => new TextEncoder().encode(words)

// own is the key of this person's forms, and a mark of whose they are. Both are made from
// a secret that goes with the session and comes again when the same person signs in; the
// key cannot be read out, and is kept nowhere.
async function own() {
  const secret = /(?:^|;\s*)(?:__Host-)?mq_forms=(\w+)/.exec(document.cookie)?.[1]
  if (!secret) return null
  const seed = await crypto.subtle.importKey('raw', bytes(secret), 'HKDF', false, ['deriveKey', 'deriveBits'])
  const to = (info) => ({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: bytes(info) })
  const key = await crypto.subtle.deriveKey(to('minqing inspection form'), seed, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const mark = new Uint8Array(await crypto.subtle.deriveBits(to('minqing inspection owner'), seed, 64))
  return { key, whose: [...mark].map((one) => one.toString(16).padStart(2, '0')).join('') }
}

// sealed keeps the form of one inspection for one person. What it holds is bound to its
// place, so that no record can be put where another belongs.
function sealed(inspection, { key, whose }) {
  const all = store()
  const id = `${inspection} ${whose}`
  const how = (iv) => ({ name: 'AES-GCM', iv, additionalData: bytes(id) })
  const seal = async (plain) => {
    const iv = crypto.getRandomValues(new Uint8Array(12))
    return { iv, sealed: await crypto.subtle.encrypt(how(iv), key, plain) }
  }
  const unseal = ({ iv, sealed: body }) => crypto.subtle.decrypt(how(iv), key, body)
  const pictures = new WeakMap() // sealed once, not with every letter that is typed
  const picture = (file) => {
    if (!pictures.has(file)) pictures.set(file, file.arrayBuffer().then(seal))
    return pictures.get(file)
  }
  return {
    async put({ state, values, photos }) {
      const names = photos.map(({ name, type }) => ({ name, type }))
      const text = await seal(bytes(JSON.stringify({ state, values, names })))
      await all.put({ id, at: Date.now(), text, photos: await Promise.all(photos.map(picture)) })
    },
    async get() {
      const one = await all.get(id)
      if (!one) return null
      const { state, values, names } = JSON.parse(new TextDecoder().decode(await unseal(one.text)))
      const photos = await Promise.all(one.photos.map(async (photo, i) => new File([await unseal(photo)], names[i].name, { type: names[i].type })))
      return { state, values, photos }
    },
    drop: () => all.drop(id),
  }
}

// settle seals what was kept before forms were sealed, and deletes what somebody else left
// here and has not come back for.
async function settle(me) {
  const all = store()
  for (const one of await all.all()) {
    if (one.values) {
      await sealed(one.id, me).put(one)
      await all.drop(one.id)
    } else if (!one.id.endsWith(me.whose) && Date.now() - one.at > LONGEST) {
      await all.drop(one.id)
    }
  }
}

// The page itself is kept too, so that it opens without network, without the records and
// forms that nobody needs on site: in a cache of its own, which goes when the form is with
// the server, somebody signs out, the session is over, or three days are.
const CACHE = 'minqing-inspection '
const LONGEST = 72 * 3_600_000

async function keepPage({ worker }) {
  if (!worker || !window.caches || !navigator.serviceWorker) return
  const { pathname } = window.location
  await navigator.serviceWorker.register(worker, { scope: pathname })
  const answer = await fetch(`${pathname}?kept=1`, { headers: { Accept: 'text/html' } })
  if (!answer.ok || answer.redirected) return
  const cache = await caches.open(CACHE + pathname)
  await cache.put(pathname, answer)
  const files = performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname).filter((path) => path.startsWith('/static/'))
  for (const path of new Set([...files, new URL(import.meta.url).pathname])) if (!(await cache.match(path))) await cache.add(path)
}

async function forgetPage(pathname) {
  await caches.delete(CACHE + pathname)
  for (const one of await navigator.serviceWorker?.getRegistrations() ?? []) if (new URL(one.scope).pathname === pathname) await one.unregister()
}

// tidy takes away what is kept of pages and needed no more.
export async function tidy() {
  const signedIn = document.querySelector('form[action="/sign-out"]') !== null
  const open = document.querySelector('[data-inspection]') !== null
  for (const name of await caches.keys()) {
    if (!name.startsWith(CACHE)) continue
    const pathname = name.slice(CACHE.length)
    const page = await caches.match(pathname, { cacheName: name, ignoreVary: true })
    const old = !page || Date.now() - Date.parse(page.headers.get('Date')) > LONGEST
    if (!signedIn || old || (pathname === window.location.pathname && !open)) await forgetPage(pathname)
  }
}

// forget deletes every form and every page that is kept here, sent or not: whoever signs
// out leaves nothing behind that the next one at this browser could read.
export async function forget() {
  for (const name of await window.caches?.keys() ?? []) if (name.startsWith(CACHE)) await forgetPage(name.slice(CACHE.length))
  await store().clear()
}

export async function start(form) {
  if (!window.indexedDB || !window.crypto?.subtle) return // no https: a plain form
  const me = await own()
  if (!me) { // the page came out of this browser's cache, and the session has gone
    const p = document.createElement('p')
    p.className = 'govuk-inset-text'
    p.textContent = form.dataset.locked
    form.replaceWith(p)
    await forgetPage(window.location.pathname).catch(() => {}) // it comes again with who signs in
    return
  }
  keepPage(form.dataset).catch(() => {}) // no network, or no room: it works while it is open
  await settle(me).catch(() => {})
  const kept = sealed(form.dataset.inspection, me)
  const photos = form.elements.photos
  const note = form.querySelector('[data-state]')
  const conflict = form.querySelector('[data-conflict]')
  const button = form.querySelector('button[type=submit]')
  let state = 'typed'
  let sending = false
  let wait = SOON
  let again

  const say = (words) => {
    const p = document.createElement('p')
    p.className = 'govuk-inset-text'
    p.textContent = words
    note.replaceChildren(...(words ? [p] : []))
  }
  const values = () => [...new FormData(form)].filter(([, value]) => typeof value === 'string')
  let queue = Promise.resolve() // of two changes the later one is kept
  const keep = () => {
    const one = { state, values: values(), photos: [...photos.files] }
    queue = queue.then(() => kept.put(one)).catch(() => {})
    return queue
  }

  const names = () => {
    form.querySelector('[data-photos]').replaceChildren(...[...photos.files].map((file) => {
      const item = document.createElement('li')
      item.textContent = file.name
      return item
    }))
  }
  const fill = (one) => {
    const sent = new Map()
    for (const [name, value] of one.values) sent.set(name, [...(sent.get(name) ?? []), value])
    for (const field of form.elements) {
      if (!field.name || field.type === 'file' || field.name === 'inspection' || field.name === 'do') continue
      if (field.type === 'checkbox' || field.type === 'radio') field.checked = sent.get(field.name)?.includes(field.value) ?? false
      else if (sent.has(field.name)) [field.value] = sent.get(field.name)
    }
    give(one.photos)
  }
  const give = (list) => {
    const all = new DataTransfer()
    for (const file of list) all.items.add(file)
    photos.files = all.files
    names()
  }

  // send brings the form to the server. It stays here until the server has said
  // that it is there.
  const send = async () => {
    if (sending || state !== 'waiting') return
    sending = true
    clearTimeout(again)
    say(form.dataset.sending)
    let answer
    try {
      answer = await fetch(form.getAttribute('action') ?? window.location.pathname, { method: 'POST', headers: { Accept: 'application/json' }, body: new FormData(form) })
    } catch {
      say(form.dataset.waiting)
      later()
      return
    } finally {
      sending = false
    }
    if (answer.ok) {
      state = 'sent'
      await queue
      await kept.drop()
      await forgetPage(window.location.pathname).catch(() => {})
      window.location.assign((await answer.json()).to)
    } else if (answer.status === 422 || answer.status === 413) { // the page says what is to be mended
      state = 'typed'
      await keep()
      form.submit()
    } else if (answer.status === 409 || answer.status === 404 || answer.status === 403) {
      state = 'conflict'
      await keep()
      say((await answer.json().catch(() => ({}))).detail ?? form.dataset.later)
      show()
    } else {
      say(answer.status === 401 ? form.dataset.signin : form.dataset.later)
      later()
    }
  }
  // A network that is said to be back may need a moment.
  const later = () => {
    again = setTimeout(send, wait)
    wait = Math.min(2 * wait, LATE)
  }
  const show = () => {
    conflict.hidden = state !== 'conflict'
    conflict.querySelector('a').href = window.location.pathname
    button.disabled = state === 'conflict'
  }

  const before = await kept.get().catch(() => null)
  if (before) {
    state = before.state === 'waiting' ? 'waiting' : 'typed'
    if ('fresh' in form.dataset) fill(before)
    else give(before.photos)
    say(state === 'waiting' ? form.dataset.waiting : form.dataset.typed)
  }
  form.querySelector('[data-offline]').hidden = false

  for (const name of ['input', 'change']) form.addEventListener(name, () => { if (state === 'typed') keep() })
  photos.addEventListener('change', names)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (state === 'conflict') return
    form.elements.filled_at.value = Date.now()
    state = 'waiting'
    await keep()
    await send()
  })
  conflict.querySelector('[data-drop]').addEventListener('click', async () => {
    await kept.drop()
    window.location.assign(window.location.pathname)
  })
  const now = () => {
    wait = SOON
    send()
  }
  addEventListener('online', now)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) now() })
  send()
}
