"""`python -m deploy`, which `./mkd` hands over to."""

from deploy.cli import main

main()
