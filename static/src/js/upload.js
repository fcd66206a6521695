// Large files of a form go in parts: <form data-upload="ADDRESS"> with the field code
// and one file input. A connection that is cut goes on where the server says it
// stopped; a file that was begun before goes on too, known by its digest. Without
// this, or for small files, the form is sent as it is.
const PART = 1 << 20 // bytes, as the server takes them
const SOON = 1_000
const LATE = 15_000

const pause = (ms) => new Promise((done) => {
  const end = () => { clearTimeout(timer); window.removeEventListener('online', end); done() }
  const timer = setTimeout(end, ms)
  window.addEventListener('online', end)
})

// Only secure pages can compute it; without, a file is begun anew on a new page.
async function digest(file) {
  if (!window.crypto?.subtle) return ''
  const sum = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
  return [...new Uint8Array(sum)].map((one) => one.toString(16).padStart(2, '0')).join('')
}

// Refused is an answer that waiting does not change, with the server's words.
class Refused extends Error {}

async function ask(address, options) {
  const answer = await fetch(address, { ...options, headers: { Accept: 'application/json', ...options.headers } })
  if (answer.ok || answer.status === 409 && answer.headers.has('Upload-Offset')) return answer
  if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status)
  const problem = await answer.json().catch(() => ({}))
  throw new Refused(problem.errors?.[0]?.message ?? problem.detail ?? '')
}

async function send(form, file, tell) {
  const sum = await digest(file)
  const said = { code: form.elements.code.value, name: file.name, size: file.size, digest: sum }
  let address = ''
  let at = 0
  let wait = SOON
  const next = async () => {
    let answer
    if (!address) {
      answer = await ask(form.dataset.upload, { method: 'POST', body: new URLSearchParams(said) })
      address = answer.headers.get('Location')
    } else if (at < 0) { // cut off: how far did it come?
      answer = await ask(address, { method: 'HEAD' })
    } else {
      answer = await ask(address, { method: 'PATCH', headers: { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': at }, body: file.slice(at, at + PART) })
    }
    const before = at
    at = Number(answer.headers.get('Upload-Offset'))
    tell('sending', Math.floor(100 * at / file.size))
    if (answer.status === 409 && at === before) throw new Error('another page is about to end it')
    return answer.headers.get('Upload-Complete') === '?1'
  }
  let reached = 0
  for (;;) {
    try {
      if (await next()) return
      reached = at
      wait = SOON
    } catch (problem) {
      if (problem instanceof Refused) throw problem
      tell('waiting', Math.floor(100 * reached / file.size))
      at = -1
      await pause(wait)
      wait = Math.min(2 * wait, LATE)
    }
  }
}

export function start(form) {
  const input = form.querySelector('input[type=file]')
  const state = form.querySelector('[data-upload-state]')
  const button = form.querySelector('button[type=submit]')
  let sending = false
  let shown
  const say = (words, error) => {
    if (words === shown) return
    shown = words
    const p = document.createElement('p')
    p.className = error ? 'govuk-error-message' : 'govuk-inset-text'
    p.textContent = words
    state.replaceChildren(p)
  }
  const words = (which, name, percent) => form.dataset[which].replaceAll('%name', name).replaceAll('%percent', percent)

  form.addEventListener('submit', async (event) => {
    const files = [...input.files]
    if (!sending && !files.some((file) => file.size > PART)) return
    event.preventDefault()
    if (sending) return
    sending = true
    button.setAttribute('aria-disabled', 'true')
    const refused = []
    for (const file of files) {
      try {
        await send(form, file, (which, percent) => say(words(which, file.name, percent)))
      } catch (problem) {
        refused.push([words('failed', file.name), problem.message].join(' '))
      }
    }
    sending = false
    button.removeAttribute('aria-disabled')
    if (refused.length > 0) {
      say(refused.join(' '), true)
      return
    }
    const section = form.closest('section')
    const to = new URL(window.location.href)
    to.hash = section.id
    window.history.replaceState(null, '', to)
    window.location.reload()
  })
}
