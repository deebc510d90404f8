/** Options that mitmproxy has and this program has not: names that were not mistyped. */

/** Those of the console and of the web interface, with which a file of options is shared. */
const interfaceOptions: ReadonlySet<string> = new Set([
  ...['command_history', 'view_filter', 'view_order', 'view_order_reversed'],
  ...['console_default_contentview', 'console_eventlog_verbosity', 'console_flowlist_layout', 'console_focus_follow'],
  ...['console_layout', 'console_layout_headers', 'console_mouse', 'console_palette', 'console_palette_transparent'],
  ...['console_quickhelp_visible', 'console_strip_trailing_newlines'],
  ...['web_columns', 'web_debug', 'web_host', 'web_open_browser', 'web_password', 'web_port', 'web_static_viewer'],
  'web_theme',
]);

const noDns = 'DNS is not proxied';

/** Those of which nothing is done here, and why. */
const absentOptions: Readonly<Record<string, string>> = {
  dns_listen_host: noDns,
  dns_listen_port: noDns,
  dns_mode: noDns,
  dns_name_servers: noDns,
  dns_server: noDns,
  dns_use_hosts_file: noDns,
  http3: 'HTTP/3 is not proxied',
  keep_alt_svc_header: 'Alt-Svc is left as it is',
  onboarding_port: 'the page for certificates is served on every port of onboarding_host',
  protobuf_definitions: 'fields of protocol buffers are shown by their numbers',
  proxy_debug: '-v prints every line of the log',
  strip_ech: noDns,
  udp_hosts: 'UDP is not proxied',
};

/** Whether an option is one of an interface. */
export function isOfInterface(name: string): boolean {
  return interfaceOptions.has(name);
}

/** Why an option does nothing, in words; undefined for a name that mitmproxy does not have. */
export function absenceOf(name: string): string | undefined {
  if (isOfInterface(name)) return 'it is for the interfaces of mitmproxy';
  return Object.hasOwn(absentOptions, name) ? absentOptions[name] : undefined;
}
