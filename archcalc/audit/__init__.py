"""Which printed cells follow from their own table, and where could the others have come from?"""
