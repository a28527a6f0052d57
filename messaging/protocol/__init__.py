"""The contract as closed, typed structs: the TypeScript types and the checks of every frame are made from these."""
