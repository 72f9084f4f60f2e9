#!/bin/sh
# Greets whoever is named, or everyone.
name="${1:-world}"
echo "Hello, $name!"
