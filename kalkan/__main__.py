from kalkan.config.cli import main

main()
