import { call } from "./api.ts";
import { part } from "./elements.ts";
import { holdPlace } from "./place.ts";

interface Person {
  id: string;
  name: string;
}

/**
 * Asks for e-mail, password and, where the account has one, a code, without leaving what is being written. Another
 * account is signed out again: what was written belongs to this one.
 */
export class SignInAgain {
  readonly #dialog: HTMLDialogElement;
  readonly #me: Person;
  #asked: Promise<boolean> | null = null;

  constructor(dialog: HTMLDialogElement, me: Person) {
    this.#dialog = dialog;
    this.#me = me;
    part(dialog, "[data-sign-in=who]").textContent = me.name;
    part(dialog, "[data-sign-in=later]").addEventListener("click", () => dialog.close());
  }

  /** @returns whether the same person is signed in again; one dialog, however many ask */
  ask(): Promise<boolean> {
    this.#asked ??= this.#open().finally(() => (this.#asked = null));
    return this.#asked;
  }

  #open(): Promise<boolean> {
    const form = part<HTMLFormElement>(this.#dialog, "form");
    this.#withCode(false);
    this.#say("");
    this.#dialog.returnValue = "";
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.#try(form);
    };
    form.addEventListener("submit", submit);
    const back = holdPlace();
    this.#dialog.showModal();
    return new Promise((resolve) => {
      const closed = (): void => {
        form.removeEventListener("submit", submit);
        part<HTMLInputElement>(form, "[name=password]").value = "";
        part<HTMLInputElement>(form, "[name=code]").value = "";
        back();
        resolve(this.#dialog.returnValue === "signed-in");
      };
      this.#dialog.addEventListener("close", closed, { once: true });
    });
  }

  async #try(form: HTMLFormElement): Promise<void> {
    if (part(form, "[data-sign-in=go]").ariaDisabled) return;
    const { email, password, code } = Object.fromEntries(new FormData(form)) as Record<string, string>;
    const needsCode = !part(form, "[data-sign-in=code]").hidden;
    this.#busy(true);
    this.#say("");
    const failure = needsCode
      ? await this.#post("/api/auth/two-factor/verify-totp", { code: (code ?? "").replace(/\s/g, "") })
      : await this.#post("/api/auth/sign-in/email", { email: email ?? "", password: password ?? "" });
    this.#busy(false);
    if (failure === "code") return this.#withCode(true);
    if (failure) return this.#say(failure);
    await this.#insist();
  }

  /** @returns null, what went wrong, or "code" when one is asked for */
  async #post(path: string, body: object): Promise<string | null> {
    // better-auth's own words for what went wrong are for programs.
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => null);
    if (!response) return "There is no connection at the moment. Try again in a moment.";
    if (response.status === 429) return "Too many tries. Wait a minute.";
    if (response.status >= 500) return "The newsroom’s server does not answer. Try again in a moment.";
    if (!response.ok)
      return "code" in body ? "That code is not right, or is over." : "E-mail or password is not right.";
    const { twoFactorRedirect } = (await response.json()) as { twoFactorRedirect?: boolean };
    return twoFactorRedirect ? "code" : null;
  }

  async #insist(): Promise<void> {
    const me = await call<Person>("GET", "/api/me", { asAnybody: true });
    if (me.kind !== "done") return this.#say("Signed in, but the server did not say as whom. Try again.");
    if (me.body.id === this.#me.id) return this.#dialog.close("signed-in");
    await this.#post("/api/auth/sign-out", {});
    this.#withCode(false);
    this.#say(`That is ${me.body.name}’s account. What is written here belongs to ${this.#me.name}.`);
  }

  #withCode(needed: boolean): void {
    const code = part(this.#dialog, "[data-sign-in=code]");
    code.hidden = !needed;
    part(this.#dialog, "[data-sign-in=password]").hidden = needed;
    for (const input of this.#dialog.querySelectorAll("input")) input.required = !input.closest("[hidden]");
    if (needed) part<HTMLInputElement>(code, "input").focus();
  }

  /** A disabled button would lose the focus. */
  #busy(is: boolean): void {
    part(this.#dialog, "[data-sign-in=go]").ariaDisabled = is ? "true" : null;
  }

  #say(words: string): void {
    part(this.#dialog, "[data-sign-in=error]").textContent = words;
  }
}
