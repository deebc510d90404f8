// Changes a field of the forms that are sent. Run: mitmdump -s examples/addons/modify-form.ts
import type { HttpFlow } from 'pathod/proxy';

/** No mail leaves a test. */
const address = 'nobody@example.com';

export function request({ request }: HttpFlow): void {
  // Each is empty when the body is no form of its kind.
  const { urlencodedForm, multipartForm } = request;
  if (urlencodedForm.has('email')) urlencodedForm.set('email', address);
  if (multipartForm.has('email')) multipartForm.set('email', Buffer.from(address));
}
