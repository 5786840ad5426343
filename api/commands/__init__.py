"""The commands of `ketnoi`, one module each; `api.cli` loads a module only when its command runs."""
