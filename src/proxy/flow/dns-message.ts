/** A DNS message (RFC 1035, section 4.1). Codes are numbers, as on the wire. */
export interface DnsMessage {
  /** Seconds since 1970. */
  timestamp: number;
  id: number;
  /** Whether it asks; a response otherwise. */
  query: boolean;
  opCode: number;
  authoritativeAnswer: boolean;
  truncation: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  reserved: number;
  responseCode: number;
  questions: readonly DnsQuestion[];
  answers: readonly DnsRecord[];
  authorities: readonly DnsRecord[];
  additionals: readonly DnsRecord[];
}

/** What is asked for. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** A resource record. */
export interface DnsRecord extends DnsQuestion {
  /** Time to live, in seconds. */
  readonly ttl: number;
  readonly data: Buffer;
}
