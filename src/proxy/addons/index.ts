/** The addons that every proxy has. */
import type { Addon } from '../hooks/addon.js';
import type { ProxyTls } from '../proxy-tls.js';
import { AntiCache } from './anticache.js';
import { AntiComp } from './anticomp.js';
import { Block } from './block.js';
import { BlockList } from './block-list.js';
import { ClientPlayback } from './client-playback.js';
import { Comment } from './comment.js';
import { Cut } from './cut.js';
import { DisableH2c } from './disable-h2c.js';
import { Export } from './export.js';
import { FlowCommands } from './flow-commands.js';
import { HostListCheck } from './host-list-check.js';
import { Inject } from './inject.js';
import { Intercept } from './intercept.js';
import { MapLocal } from './map-local.js';
import { MapRemote } from './map-remote.js';
import { ModifyBody } from './modify-body.js';
import { ModifyHeaders } from './modify-headers.js';
import { Onboarding } from './onboarding.js';
import { ProxyAuth } from './proxy-auth.js';
import { Replace } from './replace.js';
import { Save } from './save.js';
import { SaveHar } from './save-har.js';
import { Script } from './script.js';
import type { ScriptPorts } from './script.js';
import { ServerPlayback } from './server-playback.js';
import { StickyAuth } from './sticky-auth.js';
import { StickyCookie } from './sticky-cookie.js';
import { TlsOptionCheck } from './tls-option-check.js';
import { UpstreamAuth } from './upstream-auth.js';

/**
 * New instances of those that come before the addons of users, in the order in which they see the traffic.
 * @param tls gives the authority when it is first asked for
 * @param scripts what scripts are run with; without it, none are run
 */
export function builtInAddons(tls: () => Promise<Pick<ProxyTls, 'ca'>>, scripts?: ScriptPorts): readonly Addon[] {
  return [
    new Block(),
    new BlockList(),
    new AntiCache(),
    new AntiComp(),
    new ClientPlayback(),
    new Comment(),
    new Cut(),
    new DisableH2c(),
    new Export(),
    new FlowCommands(),
    new Inject(),
    // Credentials are asked for after the page was served: that, too, is for those who may use the proxy.
    new Onboarding(tls),
    new ProxyAuth(),
    new HostListCheck(),
    new TlsOptionCheck(),
    // What scripts bring comes right behind.
    new Script(scripts),
    new ServerPlayback(),
    new MapRemote(),
    new MapLocal(),
    new ModifyBody(),
    new Replace(),
    new ModifyHeaders(),
    new StickyAuth(),
    new StickyCookie(),
    new UpstreamAuth(),
  ];
}

/** New instances of those that come behind the addons of users: they hold and keep what these have made of flows. */
export function closingAddons(): readonly Addon[] {
  return [new Intercept(), new Save(), new SaveHar()];
}
