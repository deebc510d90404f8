# The package, made from this checkout: pkgs.callPackage ./package.nix { }
{
  lib,
  buildNpmPackage,
  nodejs_22,
  # The digest of what package-lock.json names. Nobody has put the real one here: the first build fails and says
  # `got: sha256-...`. That goes here, or to services.mitmdump.package as
  # pkgs.callPackage ./package.nix { npmDepsHash = "sha256-..."; }. It changes with package-lock.json.
  npmDepsHash ? lib.fakeHash,
}:
let
  root = ../..;
  manifest = builtins.fromJSON (builtins.readFile (root + "/package.json"));
in
buildNpmPackage {
  pname = manifest.name;
  inherit (manifest) version;
  nodejs = nodejs_22;
  inherit npmDepsHash;

  # What the build reads; node_modules and dist are made anew.
  src = lib.cleanSourceWith {
    src = lib.cleanSource root;
    filter =
      path: _:
      !(builtins.elem (baseNameOf path) [
        "coverage"
        "dist"
        "node_modules"
      ]);
  };

  meta = {
    inherit (manifest) description;
    license = lib.licenses.mit;
    mainProgram = "mitmdump";
  };
}
