/** From the path of a request to what answers it. */
import { OptionError, RenderError, SpecError } from '../errors.js';
import { TextCache } from '../language/cache.js';
import type { Random } from '../language/index.js';
import { readSpecFile } from '../net/static-files.js';
import { compilePattern, patternText } from './anchors.js';
import type { Anchor } from './anchors.js';
import { specOfPath } from './craft-path.js';
import { notFound, notFoundOverHttp2, pageFor, refused } from './errors-800.js';
import type { ErrorPage } from './errors-800.js';
import { Http2Recipe } from './http2-recipe.js';
import { craftingDisabled } from './policy.js';
import { Recipe } from './recipe.js';
import { checkLength } from './spec-length.js';
import type { SpecSources } from './spec-sources.js';

/** An error page in the place of a spec. */
interface ErrorRoute {
  readonly recipe: undefined;
  readonly page: ErrorPage;
}

/** What answers a request: a spec, or an error page. */
export type Route = { readonly recipe: Recipe } | ErrorRoute;

/** The same over HTTP/2. */
export type Http2Route = { readonly recipe: Http2Recipe } | ErrorRoute;

export interface RouterOptions {
  readonly craftPrefix: string;
  readonly nocraft: boolean;
  readonly sources: SpecSources;
  readonly seed: Random;
}

interface AnchorRoute {
  readonly anchor: Anchor;
  readonly pattern: RegExp;
  readonly text: string;
  readonly route: Route;
  /** Made when somebody asks for it. */
  http2: Http2Route | undefined;
}

const nothingFound: Route = { recipe: undefined, page: notFound };

/** The anchors in order, then the craft prefix. What a path leads to is remembered for a while. */
export class Router {
  private anchorRoutes: readonly AnchorRoute[] = [];
  private readonly recipes: TextCache<Recipe>;
  private routes = this.newRoutes();
  private lastPath: string | undefined;
  private lastRoute: Route = nothingFound;
  private readonly handshake: Route;
  private readonly http2Recipes: TextCache<Http2Recipe>;
  private http2Routes = this.newHttp2Routes();
  private readonly nothingOverHttp2: Http2Route;

  /** @throws {OptionError} when the spec of a fault of the user is not valid; the message names the fault */
  constructor(private readonly options: RouterOptions) {
    this.recipes = new TextCache((spec) => new Recipe(spec, options.sources, options.seed));
    this.http2Recipes = new TextCache((spec) => new Http2Recipe(spec, options.sources, options.seed));
    this.nothingOverHttp2 = { recipe: undefined, page: notFoundOverHttp2(options.craftPrefix) };
    this.handshake = { recipe: this.recipes.get('ws') };
    for (const [name, spec] of Object.entries(options.sources.faults)) this.routesOf(`fault ${name}`, spec);
  }

  /** The anchors, in the order in which they are tried. */
  get anchors(): readonly Anchor[] {
    return this.anchorRoutes.map(({ anchor }) => anchor);
  }

  /** Whether chance may decide anything of what is served. */
  get usesChance(): boolean {
    const routes = this.anchorRoutes.map(({ route, http2 }) => route.recipe ?? http2?.recipe);
    return !this.options.nocraft || routes.some((recipe) => recipe?.usesChance === true);
  }

  /**
   * Adds an anchor behind the others. Its spec need be valid in one protocol only.
   * @throws {OptionError} when its pattern or its spec is not valid; the message names the anchor
   */
  add(anchor: Anchor): void {
    const pattern = compilePattern(anchor[0]);
    const routes = this.routesOf(`anchor ${patternText(anchor[0])}`, anchor[1]);
    this.anchorRoutes = [...this.anchorRoutes, { anchor, pattern, ...routes }];
    this.forget();
  }

  /** Removes the last added anchor for which `matches` is true. Whether there was one. */
  remove(matches: (anchor: Anchor) => boolean): boolean {
    const index = this.anchorRoutes.findLastIndex(({ anchor }) => matches(anchor));
    if (index === -1) return false;
    this.anchorRoutes = this.anchorRoutes.toSpliced(index, 1);
    this.forget();
    return true;
  }

  /**
   * What answers a request.
   * @param path as sent, without scheme and host, one character a byte
   * @param isHandshake whether the request asks for a WebSocket, which any path may give
   */
  route(path: string, isHandshake: boolean): Route {
    if (path !== this.lastPath) {
      this.lastRoute = this.routes.get(path);
      this.lastPath = path;
    }
    return isHandshake && this.lastRoute === nothingFound ? this.handshake : this.lastRoute;
  }

  /** What answers a request over HTTP/2. @param path the value of `:path`, one character a byte */
  http2Route(path: string): Http2Route {
    return this.http2Routes.get(path);
  }

  private find(path: string): Route {
    return this.anchorOf(path)?.route ?? this.crafted(path, this.recipes) ?? nothingFound;
  }

  private findOverHttp2(path: string): Http2Route {
    const anchor = this.anchorOf(path);
    if (anchor) return (anchor.http2 ??= routeOf(() => this.http2Recipes.get(anchor.text)));
    return this.crafted(path, this.http2Recipes) ?? this.nothingOverHttp2;
  }

  private anchorOf(path: string): AnchorRoute | undefined {
    return this.anchorRoutes.find(({ pattern }) => {
      pattern.lastIndex = 0;
      return pattern.test(path);
    });
  }

  /** The spec in a path; undefined when there is none. */
  private crafted<R>(path: string, recipes: TextCache<R>): { readonly recipe: R } | ErrorRoute | undefined {
    const spec = specOfPath(path, this.options.craftPrefix);
    if (spec === undefined || spec === '') return undefined;
    if (this.options.nocraft) return { recipe: undefined, page: refused(craftingDisabled) };
    return routeOf(() => {
      checkLength(spec);
      return recipes.get(spec);
    });
  }

  /** @param owner whose spec it is, for errors */
  private routesOf(owner: string, spec: string): Pick<AnchorRoute, 'text' | 'route' | 'http2'> {
    const source = readSpecFile(spec);
    const text = source ?? spec;
    const http1 = attempt(() => checked(this.recipes.get(text)));
    if ('recipe' in http1) return { text, route: http1, http2: undefined };
    const http2 = attempt(() => checked(this.http2Recipes.get(text)));
    if ('recipe' in http2) return { text, route: { recipe: undefined, page: pageFor(http1.error) }, http2 };
    const file = source === undefined ? undefined : spec;
    throw specError(owner, further(http1.error, http2.error), file);
  }

  private forget(): void {
    this.routes = this.newRoutes();
    this.http2Routes = this.newHttp2Routes();
    this.lastPath = undefined;
  }

  private newRoutes(): TextCache<Route> {
    return new TextCache((path) => this.find(path));
  }

  private newHttp2Routes(): TextCache<Http2Route> {
    return new TextCache((path) => this.findOverHttp2(path));
  }
}

function checked<R extends Recipe | Http2Recipe>(recipe: R): R {
  recipe.check();
  return recipe;
}

/** What stands in the way of a spec. */
type SpecFault = SpecError | RenderError;

function attempt<R>(make: () => R): { readonly recipe: R } | { readonly error: SpecFault } {
  try {
    return { recipe: make() };
  } catch (error) {
    if (error instanceof SpecError || error instanceof RenderError) return { error };
    throw error;
  }
}

/** A recipe, or the page that tells why there is none. */
function routeOf<R>(make: () => R): { readonly recipe: R } | ErrorRoute {
  try {
    return { recipe: make() };
  } catch (error) {
    return { recipe: undefined, page: pageFor(error) };
  }
}

/** Of the errors of both grammars the one that understood more of the spec. */
function further(http1: SpecFault, http2: SpecFault): SpecFault {
  if (!(http1 instanceof SpecError)) return http1;
  return !(http2 instanceof SpecError) || http2.offset > http1.offset ? http2 : http1;
}

function specError(owner: string, error: SpecFault, file: string | undefined): OptionError {
  const lead = `Invalid spec in ${owner}: `;
  if (!(error instanceof SpecError)) return new OptionError(lead + error.message);
  const source = error.source ?? file;
  const place = source === undefined ? '' : `${source}, line ${String(error.line)}: `;
  return new OptionError(lead + place + error.message, error.marked());
}
