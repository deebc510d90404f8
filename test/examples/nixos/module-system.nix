# As much of the module system of NixOS as examples/nixos/mitmdump.nix needs, by its rules: definitions of lists and sets
# are joined, those of other values must agree, weaker ones give way, and what nobody declares is an error.
{
  modules,
  pkgs ? { },
}:
let
  inherit (builtins)
    all
    attrNames
    concatMap
    filter
    foldl'
    head
    isAttrs
    isFunction
    isInt
    isList
    isPath
    isString
    listToAttrs
    mapAttrs
    stringLength
    substring
    ;

  concatStringsSep = builtins.concatStringsSep;
  fail = place: what: throw "option ${concatStringsSep "." place} ${what}";

  isOf = type: value: isAttrs value && (value._type or null) == type;
  priorityOf = value: if isOf "override" value then value.priority else 100;
  contentOf = value: if isOf "override" value then value.content else value;
  strongest =
    definitions:
    let
      best = foldl' (least: value: if priorityOf value < least then priorityOf value else least) 9999 definitions;
    in
    map contentOf (filter (value: priorityOf value == best) definitions);

  single = description: check: {
    merge =
      place: definitions:
      let
        values = strongest definitions;
      in
      if !(all check values) then
        fail place "is no ${description}"
      else if !(all (value: value == head values) values) then
        fail place "has definitions that contradict one another"
      else
        head values;
  };

  types = {
    anything.merge = _: definitions: head (strongest definitions);
    str = single "string" isString;
    port = single "port" (value: isInt value && value >= 0 && value <= 65535);
    path = single "path" (value: isPath value || (isString value && substring 0 1 value == "/"));
    package = single "package" (value: isAttrs value && (value.type or null) == "derivation");
    listOf = type: {
      merge =
        place: definitions:
        concatMap (
          values:
          if isList values then
            map (value: type.merge (place ++ [ "*" ]) [ value ]) values
          else
            fail place "is no list"
        ) (strongest definitions);
    };
    attrsOf = type: {
      merge =
        place: definitions:
        let
          sets = strongest definitions;
        in
        listToAttrs (
          map (name: {
            inherit name;
            value = type.merge (place ++ [ name ]) (definitionsOf name sets);
          }) (concatMap attrNames sets)
        );
    };
    submodule = module: {
      merge = place: definitions: evaluate place module.options (strongest definitions);
    };
  };

  definitionsOf = name: sets: map (set: set.${name}) (filter (set: set ? ${name}) sets);

  # The values of declared options, by place.
  evaluate =
    place: options: sets:
    let
      strange = filter (name: !(options ? ${name})) (concatMap attrNames sets);
      valueOf =
        name: option:
        let
          here = place ++ [ name ];
          definitions = definitionsOf name sets;
        in
        if !(isOf "option" option) then
          evaluate here option definitions
        else if definitions != [ ] && option.readOnly or false then
          fail here "can only be read"
        else if definitions != [ ] then
          option.type.merge here definitions
        else if option ? default then
          option.type.merge here [ option.default ]
        else
          fail here "has no value";
    in
    if strange != [ ] then fail (place ++ [ (head strange) ]) "does not exist" else mapAttrs valueOf options;

  lib = {
    inherit types;
    inherit (builtins) concatMap;
    mkOption = declaration: declaration // { _type = "option"; };
    mkDefault = content: {
      _type = "override";
      priority = 1000;
      inherit content;
    };
    literalExpression = text: { inherit text; };
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = make: set: listToAttrs (map (name: make name set.${name}) (attrNames set));
    removeSuffix =
      suffix: text:
      let
        kept = stringLength text - stringLength suffix;
      in
      if kept >= 0 && substring kept (-1) text == suffix then substring 0 kept text else text;
  };

  # systemd.syntax(7): text between quotation marks; % and $ would be replaced.
  utils.escapeSystemdExecArgs =
    arguments:
    concatStringsSep " " (
      map (
        argument: builtins.replaceStrings [ "%" "$" ] [ "%%" "$$" ] (builtins.toJSON "${argument}")
      ) arguments
    );

  nixos.options = {
    assertions = lib.mkOption {
      type = types.listOf types.anything;
      default = [ ];
    };
    systemd.package = lib.mkOption {
      type = types.package;
      default = {
        type = "derivation";
        outPath = "/usr";
      };
    };
    systemd.services = lib.mkOption {
      type = types.attrsOf types.anything;
      default = { };
    };
  };

  given = {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  load =
    module:
    let
      loaded = if isPath module then import module else module;
      body = if isFunction loaded then loaded given else loaded;
    in
    {
      options = body.options or { };
      config = body.config or (removeAttrs body [ "options" ]);
    };
  loaded = map load ([ nixos ] ++ modules);

  # No two modules declare the same option.
  join =
    sets:
    mapAttrs (
      name: _:
      let
        values = definitionsOf name sets;
      in
      if isOf "option" (head values) then head values else join values
    ) (foldl' (all: set: all // set) { } sets);

  config = evaluate [ ] (join (map (module: module.options) loaded)) (map (module: module.config) loaded);
in
config
