# services.mitmdump: instances of mitmdump, each before one service, as a reverse proxy. README.md tells how it is used.
{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.mitmdump;

  # The authority, and whatever is written to a relative path.
  stateDirectory = name: "mitmdump-${name}";

  # systemd and Node take a name of one word only; %, / and blanks would mean something else.
  isName = name: builtins.match "[A-Za-z0-9:_.-]+" name != null;

  instanceOptions = types.submodule {
    options = {
      package = mkOption {
        type = types.package;
        default = cfg.package;
        defaultText = lib.literalExpression "config.services.mitmdump.package";
        description = "The package whose program mitmdump is run.";
      };
      listenHost = mkOption {
        type = types.str;
        default = "127.0.0.1";
        description = "The address that connections are taken on. With 0.0.0.0 or :: everybody can reach the service behind it.";
      };
      listenPort = mkOption {
        type = types.port;
        description = "The port that connections are taken on.";
      };
      upstreamHost = mkOption {
        type = types.str;
        default = "http://127.0.0.1";
        example = "https://otherhost";
        description = "Scheme and host of the service that requests go to, without the port.";
      };
      upstreamPort = mkOption {
        type = types.port;
        description = "The port of the service that requests go to.";
      };
      after = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "server.service" ];
        description = "Units that are started before this one, when they are started at all.";
      };
      enabledAddons = mkOption {
        type = types.listOf types.path;
        default = [ ];
        example = lib.literalExpression "[ config.services.mitmdump.addons.logger ]";
        description = "Scripts that change or print the traffic, in their order.";
      };
      extraArgs = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [
          "--set"
          "flow_detail=3"
        ];
        description = "Further arguments of mitmdump, behind all others. Neither a shell nor systemd changes them.";
      };
    };
  };

  arguments =
    name: instance:
    [
      "${instance.package}/bin/mitmdump"
      "--confdir"
      "/var/lib/${stateDirectory name}"
      "--listen-host"
      instance.listenHost
      "--listen-port"
      (toString instance.listenPort)
      "--mode"
      "reverse:${lib.removeSuffix "/" instance.upstreamHost}:${toString instance.upstreamPort}"
    ]
    ++ lib.concatMap (addon: [
      "--scripts"
      "${addon}"
    ]) instance.enabledAddons
    ++ instance.extraArgs;

  # Ports below 1024 are for those who may have them.
  capabilities = instance: if instance.listenPort < 1024 then "CAP_NET_BIND_SERVICE" else "";

  service = name: instance: {
    description = "mitmdump before ${name}";
    wantedBy = [ "multi-user.target" ];
    after = [ "network.target" ] ++ instance.after;
    # systemd-notify is what a mitmdump without the package koffi tells systemd with.
    path = [ config.systemd.package ];
    serviceConfig = {
      # Started means: it listens.
      Type = "notify";
      NotifyAccess = "all";
      ExecStart = utils.escapeSystemdExecArgs (arguments name instance);
      Restart = "on-failure";
      # What tells the lines of instances apart in the journal.
      SyslogIdentifier = "mitmdump-${name}";

      DynamicUser = true;
      StateDirectory = stateDirectory name;
      # The key of the authority is in there.
      StateDirectoryMode = "0700";
      WorkingDirectory = "/var/lib/${stateDirectory name}";
      UMask = "0077";

      # No MemoryDenyWriteExecute: JavaScript is compiled while it runs. AF_UNIX is for notifying systemd, AF_NETLINK for
      # asking which addresses this machine has.
      AmbientCapabilities = capabilities instance;
      CapabilityBoundingSet = capabilities instance;
      LockPersonality = true;
      NoNewPrivileges = true;
      PrivateDevices = true;
      PrivateTmp = true;
      ProtectClock = true;
      ProtectControlGroups = true;
      ProtectHome = true;
      ProtectHostname = true;
      ProtectKernelLogs = true;
      ProtectKernelModules = true;
      ProtectKernelTunables = true;
      ProtectProc = "invisible";
      ProtectSystem = "strict";
      RemoveIPC = true;
      RestrictAddressFamilies = [
        "AF_INET"
        "AF_INET6"
        "AF_NETLINK"
        "AF_UNIX"
      ];
      RestrictNamespaces = true;
      RestrictRealtime = true;
      RestrictSUIDSGID = true;
      SystemCallArchitectures = "native";
      SystemCallErrorNumber = "EPERM";
      SystemCallFilter = [
        "@system-service"
        "~@privileged"
      ];
    };
  };
in
{
  options.services.mitmdump = {
    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package whose program mitmdump is run, where an instance does not name one.";
    };
    addons = mkOption {
      type = types.attrsOf types.path;
      description = "Addons that enabledAddons may name: logger, and those that are added here.";
    };
    instances = mkOption {
      type = types.attrsOf instanceOptions;
      default = { };
      description = "Instances by name. Each has a unit of its own, mitmdump-NAME.service.";
    };
  };

  # The same under the name that some documentation has.
  options.services.mitmproxy.addons = mkOption {
    type = types.attrsOf types.path;
    default = cfg.addons;
    defaultText = lib.literalExpression "config.services.mitmdump.addons";
    readOnly = true;
    description = "The same as services.mitmdump.addons.";
  };

  config = {
    services.mitmdump.addons.logger = lib.mkDefault ./logger.mjs;

    assertions = map (name: {
      assertion = isName name;
      message = "services.mitmdump.instances: ${builtins.toJSON name} cannot be part of a unit's name.";
    }) (builtins.attrNames cfg.instances);

    systemd.services = lib.mapAttrs' (
      name: instance: lib.nameValuePair "mitmdump-${name}" (service name instance)
    ) cfg.instances;
  };
}
