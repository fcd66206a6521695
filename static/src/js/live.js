// Who else has this case open, and what they did since it was opened:
// <div data-live="URL" data-version="N">. The server ends the stream now and
// then; the browser asks anew by itself. A window that is not seen asks for
// nothing: a browser opens only a few streams at once. What is typed here is not touched.
export function start() {
  const box = document.querySelector('[data-live]')
  const line = () => {
    const p = document.createElement('p')
    p.className = 'mq-says'
    p.hidden = true
    const all = document.createElement('div')
    all.setAttribute('aria-live', 'polite')
    all.append(p)
    box.before(all)
    return p
  }
  const here = line()
  const changed = line()
  const told = ({ data }) => {
    const said = JSON.parse(data)
    here.textContent = said.join(' ')
    here.hidden = said.length === 0
  }
  const tell = ({ data }) => {
    const [text, look] = JSON.parse(data)
    const link = document.createElement('a')
    link.className = 'govuk-link'
    link.href = window.location.pathname
    link.textContent = look
    changed.replaceChildren(`${text} `, link)
    changed.hidden = false
  }
  let source
  const close = () => {
    source?.close()
    source = null
    here.hidden = true
  }
  const open = () => {
    close()
    if (document.hidden) return
    source = new EventSource(`${box.dataset.live}?version=${box.dataset.version}`)
    source.addEventListener('here', told)
    source.addEventListener('changed', tell)
    source.addEventListener('error', ({ target }) => { if (target.readyState === EventSource.CLOSED) here.hidden = true })
  }
  document.addEventListener('visibilitychange', open)
  addEventListener('pagehide', close)
  addEventListener('pageshow', ({ persisted }) => { if (persisted) open() })
  open()
}
