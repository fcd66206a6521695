// Passkeys: <form data-passkey="create" or "get" data-options="URL" hidden>.
// The form asks that address for options, lets the authenticator answer, and
// then sends the answer in its field "credential". With data-for="ID" it also says
// which address was typed there. Browsers without passkeys never see it.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

export function start() {
  if (!window.PublicKeyCredential) return
  for (const one of document.querySelectorAll('[data-needs-passkey]')) one.hidden = false
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      answer(form).catch((reason) => tell(form, reason))
    })
  }
}

async function answer(form) {
  const typed = document.getElementById(form.dataset.for ?? '')
  if (typed) form.elements.address.value = typed.value
  const response = await fetch(form.dataset.options, {
    method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form)),
  })
  const body = await response.json()
  if (!response.ok) throw new Error(body.errors?.[0]?.message ?? body.detail ?? body.title)
  const { publicKey } = body
  publicKey.challenge = bytes(publicKey.challenge)
  for (const list of [publicKey.allowCredentials, publicKey.excludeCredentials]) {
    for (const one of list ?? []) one.id = bytes(one.id)
  }
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id)
  const made = await navigator.credentials[form.dataset.passkey]({ publicKey })
  form.elements.credential.value = JSON.stringify(plain(made))
  for (const secret of form.querySelectorAll('input[type=password], input[name=current]')) secret.value = ''
  form.submit()
}

// plain is PublicKeyCredential.toJSON, which not every browser has.
function plain({ id, rawId, type, response, authenticatorAttachment }) {
  const out = { clientDataJSON: text(response.clientDataJSON) }
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) out[name] = text(response[name])
  }
  if (response.getTransports) out.transports = response.getTransports()
  return { id, rawId: text(rawId), type, response: out, authenticatorAttachment, clientExtensionResults: {} }
}

// tell says what went wrong; whoever closed the browser's own window gets the
// form's words for it.
function tell(form, reason) {
  const words = { InvalidStateError: form.dataset.known, Error: reason.message }[reason.name] ?? form.dataset.failed
  const line = form.querySelector('[data-problem]')
  line.textContent = words
}
