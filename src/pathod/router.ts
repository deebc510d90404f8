/** From the path of a request to what answers it. */
import { OptionError, RenderError, SpecError } from '../errors.js';
import { TextCache } from '../language/cache.js';
import type { Files, Random } from '../language/index.js';
import { readSpecFile } from '../net/static-files.js';
import { compilePattern, patternText } from './anchors.js';
import type { Anchor } from './anchors.js';
import { specOfPath } from './craft-path.js';
import { notFound, pageFor, refused } from './errors-800.js';
import type { ErrorPage } from './errors-800.js';
import { craftingDisabled } from './policy.js';
import { Recipe } from './recipe.js';
import { checkLength } from './spec-length.js';

/** What answers a request: a spec, or an error page. */
export type Route = { readonly recipe: Recipe } | { readonly recipe: undefined; readonly page: ErrorPage };

export interface RouterOptions {
  readonly craftPrefix: string;
  readonly nocraft: boolean;
  readonly files: Files;
  readonly seed: Random;
}

interface AnchorRoute {
  readonly anchor: Anchor;
  readonly pattern: RegExp;
  readonly route: Route;
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

  constructor(private readonly options: RouterOptions) {
    this.recipes = new TextCache((spec) => new Recipe(spec, options.files, options.seed));
    this.handshake = { recipe: this.recipes.get('ws') };
  }

  /** The anchors, in the order in which they are tried. */
  get anchors(): readonly Anchor[] {
    return this.anchorRoutes.map(({ anchor }) => anchor);
  }

  /** Whether chance may decide anything of what is served. */
  get usesChance(): boolean {
    return !this.options.nocraft || this.anchorRoutes.some(({ route }) => route.recipe?.usesChance === true);
  }

  /**
   * Adds an anchor behind the others.
   * @throws {OptionError} when its pattern or its spec is not valid; the message names the anchor
   */
  add(anchor: Anchor): void {
    const pattern = compilePattern(anchor[0]);
    const route = { recipe: this.recipeOf(anchor) };
    this.anchorRoutes = [...this.anchorRoutes, { anchor, pattern, route }];
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

  private find(path: string): Route {
    for (const { pattern, route } of this.anchorRoutes) {
      pattern.lastIndex = 0;
      if (pattern.test(path)) return route;
    }
    const spec = specOfPath(path, this.options.craftPrefix);
    if (spec === undefined || spec === '') return nothingFound;
    if (this.options.nocraft) return { recipe: undefined, page: refused(craftingDisabled) };
    try {
      checkLength(spec);
      return { recipe: this.recipes.get(spec) };
    } catch (error) {
      return { recipe: undefined, page: pageFor(error) };
    }
  }

  private recipeOf([pattern, spec]: Anchor): Recipe {
    const source = readSpecFile(spec);
    const text = source ?? spec;
    try {
      const recipe = this.recipes.get(text);
      recipe.check();
      return recipe;
    } catch (error) {
      if (!(error instanceof SpecError) && !(error instanceof RenderError)) throw error;
      const file = source === undefined ? undefined : spec;
      throw anchorError(patternText(pattern), error, file);
    }
  }

  private forget(): void {
    this.routes = this.newRoutes();
    this.lastPath = undefined;
  }

  private newRoutes(): TextCache<Route> {
    return new TextCache((path) => this.find(path));
  }
}

function anchorError(pattern: string, error: SpecError | RenderError, file: string | undefined): OptionError {
  const lead = `Invalid spec in anchor ${pattern}: `;
  if (!(error instanceof SpecError)) return new OptionError(lead + error.message);
  const source = error.source ?? file;
  const place = source === undefined ? '' : `${source}, line ${String(error.line)}: `;
  return new OptionError(lead + place + error.message, error.marked());
}
