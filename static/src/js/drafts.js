// Drafts: <div data-drafts="URL"> holds forms of acts. What somebody types and
// chooses in a form is kept at that address meanwhile, and put back into a form
// in which nobody has written yet, with the words of data-words. The server
// forgets it once the act is done.
const PAUSE = 1500

const actOf = (form) => form.elements.action?.value
const written = (form) => actOf(form) && form.querySelector('textarea')

// open fetches the form that a link stands for.
export async function startDrafts(open) {
  const box = document.querySelector('[data-drafts]')
  if (!box) return
  const forms = [...box.querySelectorAll('form')].filter(written)
  if (forms.length === 0 && !box.querySelector('[data-act]')) return
  for (const form of forms) watch(form, box.dataset.drafts)
  const kept = new Map()
  box.addEventListener('act', ({ target: form }) => {
    if (!written(form)) return
    watch(form, box.dataset.drafts)
    putBack(form, kept.get(actOf(form)), box.dataset.words)
  })
  const response = await fetch(box.dataset.drafts, { headers: { Accept: 'application/json' } })
  if (!response.ok || !response.headers.get('Content-Type')?.includes('json')) return
  for (const { action, fields } of await response.json()) {
    kept.set(action, fields)
    const link = box.querySelector(`[data-act="${action}"]`)
    link ? open(link) : putBack([...box.querySelectorAll('form')].find((form) => actOf(form) === action), fields, box.dataset.words)
  }
}

// putBack fills a form that nobody has begun anew, and shows where it is.
function putBack(form, fields, words) {
  if (!form || !fields || [...form.querySelectorAll('textarea')].some((area) => area.value !== '')) return
  for (const field of form.elements) {
    const values = fields[field.name]
    if (!values) continue
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = values.includes(field.value)
    else field.value = values[0]
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const note = document.createElement('p')
  note.className = 'mq-says'
  note.setAttribute('role', 'status')
  note.textContent = words
  form.prepend(note)
  const folded = form.closest('details')
  if (folded) folded.open = true
}

function watch(form, url) {
  const now = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string')).toString()
  let kept = now()
  let wait
  const keep = () => {
    clearTimeout(wait)
    const typed = now()
    if (typed === kept) return
    kept = typed
    fetch(url, { method: 'POST', keepalive: true, body: new URLSearchParams(typed) }).catch(() => { kept = null })
  }
  for (const name of ['input', 'change']) {
    form.addEventListener(name, () => {
      clearTimeout(wait)
      wait = setTimeout(keep, PAUSE)
    })
  }
  addEventListener('pagehide', keep)
  form.addEventListener('submit', () => {
    clearTimeout(wait)
    kept = now() // it travels with the act; one that fails is shown again
  })
}
