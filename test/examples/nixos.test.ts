// What lies in examples/nixos, as far as it can be tried without NixOS, without systemd as the first process, and without
// Docker.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blocksOf } from '../docs/pages.js';
import { notifySocket } from '../kit/notify-socket.js';
import { runProgram } from '../kit/program.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';
import { instructionsOf } from './nixos/dockerfile.js';
import { evaluate, evaluateNix, packagePath } from './nixos/evaluate.js';
import type { NixosService } from './nixos/evaluate.js';
import { argumentsOf, settingsOf, unitText } from './nixos/unit.js';

const folder = 'examples/nixos';
const program = `${packagePath}/bin/mitmdump`;

/** The one service that comes of configurations. */
function serviceOf(...configurations: readonly string[]): NixosService {
  const services = Object.values(evaluate(...configurations).services);
  expect(services).toHaveLength(1);
  // There is one.
  return services[0] as NixosService;
}

function commandOf(...configurations: readonly string[]): readonly string[] {
  return argumentsOf(serviceOf(...configurations).serviceConfig.ExecStart);
}

/** What every instance is started with, from its name, addresses and further arguments. */
function command(name: string, listen: string, upstream: string, ...further: readonly string[]): readonly string[] {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
  const own = ['--confdir', `/var/lib/mitmdump-${name}`, '--listen-host', host, '--listen-port', port];
  return [program, ...own, '--mode', `reverse:${upstream}`, ...further];
}

/** Complaints of systemd about units, by the names of their files. What they run is put in the place of what is not there. */
async function complaints(units: Readonly<Record<string, string>>): Promise<string> {
  const directory = temporaryDirectory();
  const files = Object.entries(units).map(([name, text]) => {
    const file = join(directory, name);
    writeFileSync(file, text.replace(/^(ExecStart="?)[^ "]+/m, `$1${process.execPath}`));
    return file;
  });
  const { code, stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', '--generators=no', ...files]);
  return code === 0 ? stdout + stderr : `${String(code)}: ${stdout}${stderr}`;
}

const basic = '{ services.mitmdump.instances."test1" = { listenPort = 8001; upstreamPort = 8000; }; }';

describe.skipIf(!hasProgram('nix-instantiate'))('the module for NixOS', () => {
  it('makes a unit of an instance, as the documentation of the ancestor has it', () => {
    const { services, assertions } = evaluate(`{
      services.mitmdump.instances."test1" = {
        listenPort = 8001;
        upstreamPort = 8000;
        after = [ "test1.service" ];
        extraArgs = [ "--set" "flow_detail=3" "--set" "content_view_lines_cutoff=2000" ];
      };
    }`);
    expect(Object.keys(services)).toEqual(['mitmdump-test1']);
    expect(assertions).toEqual([expect.objectContaining({ assertion: true })]);
    const { after, wantedBy, serviceConfig } = services['mitmdump-test1'] as NixosService;
    expect({ after, wantedBy }).toEqual({
      after: ['network.target', 'test1.service'],
      wantedBy: ['multi-user.target'],
    });
    expect(serviceConfig).toMatchObject({ Type: 'notify', NotifyAccess: 'all', StateDirectory: 'mitmdump-test1' });
    const detail = ['--set', 'flow_detail=3', '--set', 'content_view_lines_cutoff=2000'];
    expect(argumentsOf(serviceConfig.ExecStart)).toEqual(
      command('test1', '127.0.0.1:8001', 'http://127.0.0.1:8000', ...detail),
    );
  });

  it('takes addresses', () => {
    const cases = [
      ['', '127.0.0.1:8001', 'http://127.0.0.1:8000'],
      ['upstreamHost = "http://otherhost";', '127.0.0.1:8001', 'http://otherhost:8000'],
      ['upstreamHost = "https://otherhost/";', '127.0.0.1:8001', 'https://otherhost:8000'],
      ['listenHost = "0.0.0.0"; upstreamHost = "http://[::1]";', '0.0.0.0:8001', 'http://[::1]:8000'],
    ] as const;
    const instances = cases.map(
      ([options], i) => `i${String(i)} = { listenPort = 8001; upstreamPort = 8000; ${options} };`,
    );
    const { services } = evaluate(`{ services.mitmdump.instances = { ${instances.join(' ')} }; }`);
    for (const [i, [, listen, upstream]] of cases.entries()) {
      const found = services[`mitmdump-i${String(i)}`]?.serviceConfig.ExecStart ?? '';
      expect(argumentsOf(found)).toEqual(command(`i${String(i)}`, listen, upstream));
    }
  });

  it('gives each instance a unit of its own', () => {
    const { services } = evaluate(
      basic,
      '{ services.mitmdump.instances.other = { listenPort = 80; upstreamPort = 8080; after = [ "a.service" ]; }; }',
    );
    expect(Object.keys(services)).toEqual(['mitmdump-other', 'mitmdump-test1']);
    const configs = Object.values(services).map(({ serviceConfig }) => serviceConfig);
    expect(configs.map(({ AmbientCapabilities }) => AmbientCapabilities)).toEqual(['CAP_NET_BIND_SERVICE', '']);
    expect(services['mitmdump-test1']?.after).toEqual(['network.target']);
    // The journal has `mitmdump-test1[971]: ...`, though all run the same program.
    expect(configs.map(({ SyslogIdentifier }) => SyslogIdentifier)).toEqual(['mitmdump-other', 'mitmdump-test1']);
  });

  it('enables addons, its own and those that are given', () => {
    const [own, other, ...rest] = commandOf(
      basic,
      '{ services.mitmdump.instances.test1.enabledAddons = [ config.services.mitmdump.addons.logger ]; }',
      '{ services.mitmdump.instances.test1.enabledAddons = [ "/etc/other.ts" ]; }',
      '{ services.mitmdump.instances.test1.extraArgs = [ "--set" "verbose_pattern=/verbose" ]; }',
    )
      .join('\n')
      .split('\n--scripts\n')
      .slice(1);
    expect(own).toMatch(/\/[a-z0-9]{32}-logger\.mjs$/);
    expect([other, ...rest]).toEqual(['/etc/other.ts\n--set\nverbose_pattern=/verbose']);
  });

  it('shows its addons under both names, and takes further ones', () => {
    const added = '{ services.mitmdump.addons.mine = "/etc/mine.ts"; }';
    const replaced = '{ services.mitmdump.addons.logger = "/etc/logger.ts"; }';
    for (const shown of evaluate(added, replaced).addons) {
      expect(shown).toEqual({ logger: '/etc/logger.ts', mine: '/etc/mine.ts' });
    }
  });

  it('passes arguments on as they are', () => {
    const odd = ['~m post & ~u "x y"', "it's", '%h $HOME ${X} %%', '\\d+', 'a;b', ';', ''];
    // Nix would replace ${; the escapes of JSON are known to it.
    const written = odd.map((text) => JSON.stringify(text).replaceAll('${', '\\${')).join(' ');
    const given = `{ services.mitmdump.instances.test1.extraArgs = [ ${written} ]; }`;
    expect(commandOf(basic, given).slice(-odd.length)).toEqual(odd);
  });

  it.each([
    ['{ services.mitmdump.instances.test1.listenport = 1; }', 'instances.test1.listenport does not exist'],
    ['{ services.mitmdump.instances.test1.listenPort = 8002; }', 'listenPort has definitions that contradict'],
    ['{ services.mitmdump.instances.test1.listenHost = 1; }', 'listenHost is no string'],
    ['{ services.mitmdump.instances.other.upstreamPort = 8000; }', 'other.listenPort has no value'],
    ['{ services.mitmproxy.addons.x = "/x"; }', 'services.mitmproxy.addons can only be read'],
  ])('refuses %s', (configuration, reason) => {
    expect(() => evaluate(basic, configuration)).toThrow(reason);
  });

  it('refuses names that units cannot have', () => {
    const { assertions } = evaluate('{ services.mitmdump.instances."a/b" = { listenPort = 1; upstreamPort = 2; }; }');
    expect(assertions).toEqual([
      { assertion: false, message: `services.mitmdump.instances: "a/b" cannot be part of a unit's name.` },
    ]);
  });

  it('does what its README shows', () => {
    const blocks = blocksOf(`${folder}/README.md`).filter(({ kind }) => kind === 'nix');
    // The module is imported by the test, and the package is given by it.
    const configurations = blocks.map(({ text }) => text.replace(/^ *imports = .*$/m, ''));
    const usable = configurations.filter((text) => !text.includes('pkgs'));
    expect(blocks.length - usable.length).toBe(1);
    const found = commandOf(...usable).join(' ');
    expect(found).toMatch(/ --listen-port 8001 --mode reverse:http:\/\/127\.0\.0\.1:8000 --scripts \S+-logger\.mjs /);
    expect(found).toMatch(/ --set flow_detail=3 --set content_view_lines_cutoff=2000 --set verbose_pattern=\/verbose$/);
  });

  it('uses the package of this checkout', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, string>;
    const made = evaluateNix(`
      let
        lib = {
          fakeHash = "none";
          licenses.mit = "MIT";
          cleanSource = source: source;
          cleanSourceWith = { src, filter }: { from = toString src; kept = path: filter path "directory"; };
        };
        make = import ${resolve(folder, 'package.nix')};
        package = make { inherit lib; buildNpmPackage = made: made; nodejs_22 = "nodejs-22"; };
      in
      package // {
        src = package.src.from;
        kept = map package.src.kept [ "/a/node_modules" "/a/dist" "/a/src" ];
      }`);
    expect(made).toEqual({
      ...{ pname: manifest['name'], version: manifest['version'], nodejs: 'nodejs-22', npmDepsHash: 'none' },
      ...{ src: resolve('.'), kept: [false, false, true] },
      meta: { description: manifest['description'], license: manifest['license'], mainProgram: 'mitmdump' },
    });
  });

  it.skipIf(!hasProgram('systemd-analyze'))('makes units that systemd takes', async () => {
    const { services } = evaluate(
      basic,
      '{ services.mitmdump.instances.low = { listenPort = 80; upstreamPort = 1; }; }',
    );
    const units = Object.entries(services).map(([name, service]) => [`${name}.service`, unitText(service)] as const);
    expect(await complaints(Object.fromEntries(units))).toBe('');
  });

  it.skipIf(!hasProgram('python3'))(
    'makes units that count as started when they listen',
    { timeout: 60_000 },
    async () => {
      const { port } = await webServer('http', (_, response) => response.end('from behind'));
      const state = temporaryDirectory();
      const notified = join(state, 'notify');
      const socket = await notifySocket(notified);
      const [, ...argv] = commandOf(`{
        services.mitmdump.instances.test1 = {
          listenPort = 0;
          upstreamPort = ${String(port)};
          enabledAddons = [ config.services.mitmdump.addons.logger ];
          extraArgs = [ "--set" "verbose_pattern=/verbose" ];
        };
      }`);
      const mitmdump = runProgram(
        'proxy/dump/main.ts',
        argv.map((argument) => argument.replace(/^\/var\/lib\//, `${state}/`)),
        { env: { ...process.env, NOTIFY_SOCKET: notified } },
      );
      const ended = mitmdump.ended().then(({ out, err }) => `ended: ${out}${err}`);
      expect(await Promise.race([socket.next(), ended])).toBe('READY=1');
      const [, at = ''] = await mitmdump.until(/listening at (\S+)\n/);
      for (const path of ['/verbose', '/'])
        expect(await (await fetch(`http://${at}${path}`)).text()).toBe('from behind');
      mitmdump.child.kill('SIGTERM');
      expect(await socket.next()).toBe('STOPPING=1');
      const { status, out, err } = await mitmdump.ended();
      expect({ status, err, bodies: out.match(/^ResponseBody: .*$/gm) }).toEqual({
        ...{ status: 0, err: '', bodies: ['ResponseBody:    from behind'] },
      });
      expect(readdirSync(join(state, 'mitmdump-test1'))).toContain('mitmproxy-ca.pem');
    },
  );
});

describe.skipIf(!hasProgram('systemd-analyze'))('the units for other systems', () => {
  const files = ['mitmdump@.service', 'mitmdump.service'];
  const unit = (name: string): string => readFileSync(`${folder}/systemd/${name}`, 'utf8');

  it('are taken by systemd', async () => {
    expect(await complaints({ 'mitmdump@test1.service': unit('mitmdump@.service') })).toBe('');
    expect(await complaints({ 'mitmdump.service': unit('mitmdump.service') })).toBe('');
    const wrong = unit('mitmdump.service').replace('ProtectHome', 'ProtectHouse');
    expect(await complaints({ 'mitmdump.service': wrong })).toContain('ProtectHouse');
  });

  it('tell their instances apart in the journal', () => {
    expect(settingsOf(unit('mitmdump@.service'), 'Service').get('SyslogIdentifier')).toEqual(['mitmdump-%i']);
  });

  it.skipIf(!hasProgram('nix-instantiate'))('are as strict as those of the module', () => {
    const own = new Set(['ExecStart', 'StateDirectory', 'SyslogIdentifier', 'WorkingDirectory']);
    const strictness = (text: string): Record<string, string> =>
      Object.fromEntries(
        [...settingsOf(text, 'Service')]
          .filter(([name]) => !own.has(name) && !name.startsWith('Environment'))
          .map(([name, values]) => [name, values.join(' ')] as const),
      );
    for (const name of files) expect(strictness(unit(name))).toEqual(strictness(unitText(serviceOf(basic))));
  });
});

describe('the Dockerfile', () => {
  const instructions = instructionsOf(readFileSync(`${folder}/Dockerfile`, 'utf8'));
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly files: readonly string[];
    readonly bin: Readonly<Record<string, string>>;
  };
  const textsOf = (name: string): string[] =>
    instructions.filter((instruction) => instruction.name === name).map(({ text }) => text);
  const [program = '', ...given] = JSON.parse(textsOf('ENTRYPOINT').join()) as readonly string[];

  it('copies what the build reads, which is there', () => {
    const copied = textsOf('COPY')
      .filter((text) => !text.startsWith('--from='))
      .flatMap((text) => text.split(' ').slice(0, -1));
    expect(copied.filter((name) => !existsSync(name))).toEqual([]);
    const [, own = ''] = /const own = \[(.*)\];/.exec(readFileSync('scripts/build.ts', 'utf8')) ?? [];
    const read = [...own.matchAll(/'(.*?)'/g)].map(([, name = '']) => name.replace(/^scripts\/.*/, 'scripts'));
    expect(read).toContain('tsup.config.ts');
    const packed = manifest.files.filter((name) => name !== 'dist');
    expect(copied).toEqual(expect.arrayContaining([...read, ...packed, 'src', 'README.md', 'LICENSE']));
  });

  it('installs the packed package, and runs it without privileges', () => {
    const [copied = '', ...others] = textsOf('COPY').filter((text) => text.startsWith('--from='));
    const [, pattern = ''] = /^--from=build \/source\/(\S+) \/tmp\/$/.exec(copied) ?? [];
    expect(others).toEqual([]);
    expect(`${manifest.name}-${manifest.version}.tgz`).toMatch(new RegExp(`^${pattern.replace('*', '[0-9.]+')}$`));
    expect(textsOf('RUN').join('\n')).toContain(`npm install --global --no-audit --no-fund /tmp/${pattern} `);
    expect({ user: textsOf('USER'), volume: textsOf('VOLUME'), port: textsOf('EXPOSE') }).toEqual({
      ...{ user: ['node'], volume: [given[given.indexOf('--confdir') + 1]], port: ['8080'] },
    });
  });

  it('starts a program that listens on all addresses', { timeout: 60_000 }, async () => {
    const file = manifest.bin[program]?.replace(/^dist\/(.*)\.js$/, '$1.ts') ?? '';
    const argv = given.map((argument) => (argument.startsWith('/var/lib/') ? temporaryDirectory() : argument));
    const { port } = await webServer('http', (_, response) => response.end('from behind'));
    // As behind the name of the image.
    const further = ['--mode', `reverse:http://127.0.0.1:${String(port)}`, '-p', '0'];
    const mitmdump = runProgram(file, [...argv, ...further]);
    const [, taken = ''] = await mitmdump.until(/listening at \*:(\d+)\n/);
    expect(await (await fetch(`http://127.0.0.1:${taken}/`)).text()).toBe('from behind');
    mitmdump.child.kill('SIGTERM');
    expect(await mitmdump.ended()).toMatchObject({ status: 0, err: '' });
  });
});
