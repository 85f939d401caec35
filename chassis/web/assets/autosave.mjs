// Saves a form while it is being filled in: sends it to where its button would, soon after the last key, and says so.
// The server answers {said, told, action, fields}: what to say, what to show in the form (as HTML), where the form goes
// from now on, hidden fields to renew and empty ones to fill in.
// Without this script the buttons do the same.

const SOON = 1500 // milliseconds after the last key
const AGAIN = 10000 // after a failure

export function autosaveAll() {
  document.querySelectorAll('form[data-autosave]').forEach(autosave)
}

function autosave(form) {
  const status = form.querySelector('[data-autosave-status]'), place = form.querySelector('[data-autosave-told]')
  let timer, sending, shown, dirty = false, halted = false, leaving = false

  const later = (delay) => {
    clearTimeout(timer)
    timer = setTimeout(save, delay)
  }
  const save = () => {
    clearTimeout(timer)
    if (!dirty || halted || sending) return sending
    dirty = false
    sending = send().finally(() => {
      sending = undefined
      if (dirty && !halted) later(SOON)
    })
    return sending
  }
  const send = async () => {
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body: new FormData(form), headers: { 'X-Requested-With': 'autosave' }, keepalive: true,
      })
      if (answer.headers.get('Content-Type') !== 'application/json') throw answer
      take(await answer.json())
      halted = !answer.ok // somebody has to decide now
    } catch (refused) {
      dirty = true
      halted = refused instanceof Response
      tell(halted ? status.dataset.refused : status.dataset.failed)
      if (!halted) later(AGAIN)
    }
  }
  const take = (told) => {
    for (const [name, value] of Object.entries(told.fields ?? {})) {
      const field = form.elements[name]
      if (field.type === 'hidden' || !field.value) field.value = value // what was typed meanwhile stays
    }
    if (place && told.told !== undefined && told.told !== shown) place.innerHTML = shown = told.told // read out once
    if (told.action) {
      form.action = told.action
      history.replaceState(history.state, '', told.action + location.search)
    }
    tell(told.said)
  }
  const tell = (text) => { status.textContent = text }

  form.addEventListener('input', () => {
    dirty = true
    later(SOON)
  })
  form.addEventListener('submit', (event) => {
    clearTimeout(timer)
    if (!sending) {
      halted = true // the page is about to go
      return
    }
    event.preventDefault() // the fields are being renewed: a moment, then once more
    sending.then(() => form.requestSubmit(event.submitter))
  })
  document.addEventListener('submit', (event) => { // another form leads away, out of the session even: this one first
    if (event.target === form || leaving || halted || !(dirty || sending)) return
    event.preventDefault()
    leaving = true
    Promise.resolve(save()).finally(() => event.target.requestSubmit(event.submitter))
  })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && save())
  window.addEventListener('pageshow', (event) => event.persisted && location.reload()) // it shows what was, not what is
}
