/** How the certificate is installed on each platform: what the page from which it is installed says. */

/** A form of the certificate that is served. */
export type CertificateForm = 'pem' | 'cer' | 'p12';

/** Something that is to come to trust the certificate. */
export interface Platform {
  readonly title: string;
  /** The forms that suit it, the best one first. */
  readonly forms: readonly CertificateForm[];
  /** What to do in order: text with `code` in backquotes and {name} for that of the authority, and commands, which have lines of their own. */
  readonly steps: readonly (string | { readonly commands: string })[];
}

const file = 'mitmproxy-ca-cert.pem';

/** All of them, in the order of the page. */
export const platforms: readonly Platform[] = [
  {
    title: 'Windows',
    forms: ['cer', 'p12'],
    steps: [
      'Download the file and open it. A window shows the certificate.',
      'Press Install Certificate, and choose Current User, or Local Machine for everybody on the machine.',
      'Choose "Place all certificates in the following store", press Browse, and take Trusted Root Certification Authorities. Any other store has no effect.',
      'Confirm the warning, and start browsers anew. Or do all of this in a command prompt:',
      { commands: 'certutil -user -addstore Root mitmproxy-ca-cert.cer' },
    ],
  },
  {
    title: 'macOS',
    forms: ['pem', 'p12'],
    steps: [
      'Download the file and open it. Keychain Access adds it to a keychain.',
      'Find {name} there, open it, unfold Trust, and set "When using this certificate" to Always Trust.',
      'Close the window and give your password. Or do all of this in a terminal:',
      {
        commands: `sudo security add-trusted-cert -d -p ssl -p basic \\
  -k /Library/Keychains/System.keychain ${file}`,
      },
    ],
  },
  {
    title: 'Linux',
    forms: ['pem'],
    steps: [
      'Debian, Ubuntu, Alpine:',
      {
        commands: `sudo cp ${file} /usr/local/share/ca-certificates/mitmproxy.crt
sudo update-ca-certificates`,
      },
      'Fedora, Red Hat, Amazon Linux:',
      { commands: `sudo cp ${file} /etc/pki/ca-trust/source/anchors/\nsudo update-ca-trust` },
      'Arch Linux, and others with p11-kit:',
      { commands: `sudo trust anchor --store ${file}` },
      'Chrome and Chromium keep a store of their own, of NSS. Start them anew after this; `certutil` is in the package libnss3-tools or nss-tools:',
      { commands: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n mitmproxy -i ${file}` },
    ],
  },
  {
    title: 'iPhone, iPad',
    forms: ['pem'],
    steps: [
      'Open this page in Safari, download the file, and allow the profile to be downloaded.',
      'In Settings, open Profile Downloaded near the top, and install it.',
      'In Settings, General, About, Certificate Trust Settings, switch {name} on. Without this step it is installed but not trusted.',
      'For a simulator, on the Mac that it runs on:',
      { commands: `xcrun simctl keychain booted add-root-cert ${file}` },
    ],
  },
  {
    title: 'Android',
    forms: ['cer'],
    steps: [
      'Download the file.',
      'In Settings, search for "CA certificate": it is under Security, Encryption and credentials, Install a certificate. Choose the file, and install it anyway.',
      'Chrome trusts it now. Apps do so only when they say that they trust certificates of the user. In an app of yours, name this file as `android:networkSecurityConfig` in the manifest:',
      {
        commands: `<network-security-config>
  <debug-overrides>
    <trust-anchors><certificates src="user"/></trust-anchors>
  </debug-overrides>
</network-security-config>`,
      },
    ],
  },
  {
    title: 'Firefox',
    forms: ['pem'],
    steps: [
      'Download the file and do not open it.',
      'In Settings, Privacy and Security, Certificates, press View Certificates, and in Authorities, Import.',
      'Choose the file, and tick "Trust this CA to identify websites".',
      'On Windows, macOS and Android, Firefox also trusts what the system trusts when `security.enterprise_roots.enabled` is true in `about:config`.',
    ],
  },
  {
    title: 'Node.js, Deno, Bun',
    forms: ['pem'],
    steps: [
      'Node.js and Bun, then Deno:',
      { commands: `export NODE_EXTRA_CA_CERTS=$PWD/${file}\nexport DENO_CERT=$PWD/${file}` },
    ],
  },
  {
    title: 'Python',
    forms: ['pem'],
    steps: [
      'requests and pip, then the standard library and httpx. The file takes the place of the usual authorities:',
      {
        commands: `export REQUESTS_CA_BUNDLE=$PWD/${file}
export PIP_CERT=$PWD/${file}
export SSL_CERT_FILE=$PWD/${file}`,
      },
    ],
  },
  {
    title: 'curl, wget, git',
    forms: ['pem'],
    steps: [
      'For all that is started from this shell, or for one command:',
      {
        commands: `export CURL_CA_BUNDLE=$PWD/${file} GIT_SSL_CAINFO=$PWD/${file}
curl --cacert ${file} https://example.com
wget --ca-certificate=${file} https://example.com`,
      },
    ],
  },
  {
    title: 'Java',
    forms: ['pem'],
    steps: [
      'For the Java that is first in the path. The password of its store is `changeit`, unless you changed it:',
      {
        commands: `sudo keytool -importcert -noprompt -cacerts -storepass changeit \\
  -alias mitmproxy -file ${file}`,
      },
    ],
  },
  {
    title: 'Go, Ruby, OpenSSL',
    forms: ['pem'],
    steps: [
      'On Linux they read the authorities of the system, or those of this file in their place:',
      { commands: `export SSL_CERT_FILE=$PWD/${file}` },
    ],
  },
];
