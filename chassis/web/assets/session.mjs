// Warns before the session ends, offers to go on, and covers the page when it has ended. What was typed is sent to be
// kept: it is there again after signing in. Pages open in several tabs share the time of the last use.

const TICK = 1000

export function watchSession() {
  const dialog = document.querySelector('dialog.ancrage-session')
  if (dialog) new Session(dialog).begin()
}

class Session {
  constructor(dialog) {
    this.dialog = dialog
    this.warned = Number(dialog.dataset.warned) * 1000
    this.extendable = 'extendable' in dialog.dataset
    this.tabs = new BroadcastChannel('ancrage-session')
  }

  begin() {
    this.tabs.onmessage = ({ data }) => this.endsAt(data)
    this.endsIn(Number(this.dialog.dataset.seconds))
    this.find('[data-stay]')?.form.addEventListener('submit', (event) => this.stay(event))
    this.find('[data-close]')?.addEventListener('click', () => this.dismiss())
    this.find('[data-again]').addEventListener('click', () => this.signInAgain())
    this.dialog.addEventListener('cancel', (event) => this.escaped(event))
    document.addEventListener('visibilitychange', () => this.tick())
    setInterval(() => this.tick(), TICK)
  }

  find(selector) {
    return this.dialog.querySelector(selector)
  }

  endsIn(seconds) {
    this.end = Date.now() + seconds * 1000
    this.tabs.postMessage(this.end)
  }

  endsAt(end) {
    if (this.ended || end <= this.end) return
    this.end = end
    if (this.dialog.open) this.dialog.close()
  }

  tick() {
    const left = this.end - Date.now()
    if (this.ended) return
    if (left <= 0) this.over()
    else if (left <= this.warned && !this.dismissed) this.warn(left)
  }

  warn(left) {
    if (!this.dialog.open) this.dialog.showModal()
    const seconds = Math.ceil(left / 1000)
    this.find('[data-left]').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    this.say(seconds > 60 ? 'minutes-2' : 'minutes-1')
  }

  // once a minute: every second would drown what a screen reader has to say
  say(name) {
    const said = this.find('[data-said]')
    const text = said.getAttribute(`data-${name}`)
    if (said.textContent !== text) said.textContent = text
  }

  async stay(event) {
    event.preventDefault()
    const form = event.target
    const body = new URLSearchParams(new FormData(form))
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => null)
    if (!answer?.ok) return form.submit()
    this.endsIn((await answer.json()).seconds)
    this.dialog.close()
  }

  escaped(event) {
    event.preventDefault()
    if (this.ended) return
    if (this.extendable) this.find('[data-stay]').form.requestSubmit()
    else this.dismiss()
  }

  dismiss() {
    this.dismissed = true
    this.dialog.close()
  }

  over() {
    this.ended = true
    document.body.classList.add('ancrage-page--covered')
    this.find('[data-part=warning]').hidden = true
    this.find('[data-part=ended]').hidden = false
    this.dialog.setAttribute('aria-labelledby', 'session-ended')
    if (!this.dialog.open) this.dialog.showModal()
    this.find('[data-again]').focus()
  }

  // the language button of a form asks for the same page with what was typed, and does nothing else
  signInAgain() {
    const form = document.getElementById(this.dialog.dataset.form)
    if (!form) return location.reload()
    const same = document.createElement('input')
    Object.assign(same, { type: 'hidden', name: 'switch_language', value: document.documentElement.lang })
    form.append(same)
    form.submit()
  }
}
