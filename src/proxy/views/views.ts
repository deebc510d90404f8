import { cssView } from './css-view.js';
import { dnsView } from './dns-view.js';
import { graphqlView } from './graphql-view.js';
import { grpcView } from './grpc-view.js';
import { hexView } from './hex-view.js';
import { imageView } from './image-view.js';
import { javascriptView } from './javascript-view.js';
import { jsonView } from './json-view.js';
import { msgpackView } from './msgpack-view.js';
import { multipartView } from './multipart-view.js';
import { protobufView } from './protobuf-view.js';
import { queryView } from './query-view.js';
import { rawView } from './raw-view.js';
import { urlEncodedView } from './url-encoded-view.js';
import type { View } from './view.js';
import { xmlView } from './xml-view.js';

/** All views. Of those that are equally fit for a body, the first is chosen. */
export const views: readonly View[] = [
  ...[rawView, hexView, graphqlView, jsonView, xmlView, javascriptView, cssView, urlEncodedView],
  ...[multipartView, imageView, queryView, protobufView, msgpackView, grpcView, dnsView],
];

/** The name under which the fittest view is asked for. */
export const autoView = 'auto';

/** The view of a name, whose case does not matter; none for {@link autoView} and for names that there are not. */
export function viewNamed(name: string): View | undefined {
  return views.find((view) => view.name === name.toLowerCase());
}

/** The name of the view that an option means, which may be one of its aliases; what is none stays as it is. */
export function viewNameOf(option: string): string {
  return views.find(({ aliases = [] }) => aliases.includes(option.toLowerCase()))?.name ?? option;
}
